// Original file: proto/vmplants/v1/request.proto


/**
 * Another interface on the request's network.
 */
export interface AddNetworkInterface {
}

/**
 * Another interface on the request's network.
 */
export interface AddNetworkInterface__Output {
}
