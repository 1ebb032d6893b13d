// Original file: proto/vmplants/v1/plant.proto


export interface DescribeRequest {
}

export interface DescribeRequest__Output {
}
