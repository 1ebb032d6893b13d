// Original file: proto/vmplants/v1/plant.proto


export interface WatchRequest {
}

export interface WatchRequest__Output {
}
