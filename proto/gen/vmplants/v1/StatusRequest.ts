// Original file: proto/vmplants/v1/plant.proto


export interface StatusRequest {
}

export interface StatusRequest__Output {
}
