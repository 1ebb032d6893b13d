// Original file: proto/vmplants/v1/shop.proto


export interface PlantsRequest {
}

export interface PlantsRequest__Output {
}
