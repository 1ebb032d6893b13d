// Original file: proto/vmplants/v1/vm.proto


export interface ImagesRequest {
}

export interface ImagesRequest__Output {
}
