// Original file: proto/vmplants/v1/shop.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BidsRequest as _vmplants_v1_BidsRequest, BidsRequest__Output as _vmplants_v1_BidsRequest__Output } from '../../vmplants/v1/BidsRequest.js';
import type { BidsResponse as _vmplants_v1_BidsResponse, BidsResponse__Output as _vmplants_v1_BidsResponse__Output } from '../../vmplants/v1/BidsResponse.js';
import type { CollectResponse as _vmplants_v1_CollectResponse, CollectResponse__Output as _vmplants_v1_CollectResponse__Output } from '../../vmplants/v1/CollectResponse.js';
import type { ConsoleInput as _vmplants_v1_ConsoleInput, ConsoleInput__Output as _vmplants_v1_ConsoleInput__Output } from '../../vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput as _vmplants_v1_ConsoleOutput, ConsoleOutput__Output as _vmplants_v1_ConsoleOutput__Output } from '../../vmplants/v1/ConsoleOutput.js';
import type { CreateEvent as _vmplants_v1_CreateEvent, CreateEvent__Output as _vmplants_v1_CreateEvent__Output } from '../../vmplants/v1/CreateEvent.js';
import type { CreateRequest as _vmplants_v1_CreateRequest, CreateRequest__Output as _vmplants_v1_CreateRequest__Output } from '../../vmplants/v1/CreateRequest.js';
import type { ExecEvent as _vmplants_v1_ExecEvent, ExecEvent__Output as _vmplants_v1_ExecEvent__Output } from '../../vmplants/v1/ExecEvent.js';
import type { ExecRequest as _vmplants_v1_ExecRequest, ExecRequest__Output as _vmplants_v1_ExecRequest__Output } from '../../vmplants/v1/ExecRequest.js';
import type { ImagesRequest as _vmplants_v1_ImagesRequest, ImagesRequest__Output as _vmplants_v1_ImagesRequest__Output } from '../../vmplants/v1/ImagesRequest.js';
import type { ImagesResponse as _vmplants_v1_ImagesResponse, ImagesResponse__Output as _vmplants_v1_ImagesResponse__Output } from '../../vmplants/v1/ImagesResponse.js';
import type { ListRequest as _vmplants_v1_ListRequest, ListRequest__Output as _vmplants_v1_ListRequest__Output } from '../../vmplants/v1/ListRequest.js';
import type { ListResponse as _vmplants_v1_ListResponse, ListResponse__Output as _vmplants_v1_ListResponse__Output } from '../../vmplants/v1/ListResponse.js';
import type { PlanRequest as _vmplants_v1_PlanRequest, PlanRequest__Output as _vmplants_v1_PlanRequest__Output } from '../../vmplants/v1/PlanRequest.js';
import type { PlanResponse as _vmplants_v1_PlanResponse, PlanResponse__Output as _vmplants_v1_PlanResponse__Output } from '../../vmplants/v1/PlanResponse.js';
import type { PlantsRequest as _vmplants_v1_PlantsRequest, PlantsRequest__Output as _vmplants_v1_PlantsRequest__Output } from '../../vmplants/v1/PlantsRequest.js';
import type { PlantsResponse as _vmplants_v1_PlantsResponse, PlantsResponse__Output as _vmplants_v1_PlantsResponse__Output } from '../../vmplants/v1/PlantsResponse.js';
import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from '../../vmplants/v1/Vm.js';
import type { VmidRequest as _vmplants_v1_VmidRequest, VmidRequest__Output as _vmplants_v1_VmidRequest__Output } from '../../vmplants/v1/VmidRequest.js';

/**
 * Creates, queries and collects virtual machines. The shop keeps no state that the plants do not have.
 * Set a deadline on every call. Errors carry google.rpc.Status details: BadRequest with field paths, ErrorInfo with
 * a reason, ActionFailure when an action failed.
 */
export interface VMShopClient extends grpc.Client {
  /**
   * The bids for a request, cheapest first. Creates nothing.
   */
  Bids(argument: _vmplants_v1_BidsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  Bids(argument: _vmplants_v1_BidsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  Bids(argument: _vmplants_v1_BidsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  Bids(argument: _vmplants_v1_BidsRequest, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The bids for a request, cheapest first. Creates nothing.
   */
  bids(argument: _vmplants_v1_BidsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  bids(argument: _vmplants_v1_BidsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  bids(argument: _vmplants_v1_BidsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  bids(argument: _vmplants_v1_BidsRequest, callback: grpc.requestCallback<_vmplants_v1_BidsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Ends and removes a VM. NOT_FOUND when no plant has it. Repeatable.
   */
  Collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  Collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  Collect(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  Collect(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Ends and removes a VM. NOT_FOUND when no plant has it. Repeatable.
   */
  collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  collect(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  collect(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The serial console of a VM, both ways.
   */
  Console(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  Console(options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  /**
   * The serial console of a VM, both ways.
   */
  console(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  console(options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  
  /**
   * Collects bids, takes the cheapest, has the VM produced. Streams what happens and ends with the classad.
   * INVALID_ARGUMENT: the request is wrong, at the named field. FAILED_PRECONDITION: no golden image matches
   * anywhere, every plant is too small for the machine, or an action failed (ActionFailure). RESOURCE_EXHAUSTED: every
   * matching plant is full. UNAVAILABLE: no plant could be asked. ALREADY_EXISTS: the request ID was used for another request.
   * A client that goes away does not end the creation; repeat the call with the same request ID to follow it.
   */
  Create(argument: _vmplants_v1_CreateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_CreateEvent__Output>;
  Create(argument: _vmplants_v1_CreateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_CreateEvent__Output>;
  /**
   * Collects bids, takes the cheapest, has the VM produced. Streams what happens and ends with the classad.
   * INVALID_ARGUMENT: the request is wrong, at the named field. FAILED_PRECONDITION: no golden image matches
   * anywhere, every plant is too small for the machine, or an action failed (ActionFailure). RESOURCE_EXHAUSTED: every
   * matching plant is full. UNAVAILABLE: no plant could be asked. ALREADY_EXISTS: the request ID was used for another request.
   * A client that goes away does not end the creation; repeat the call with the same request ID to follow it.
   */
  create(argument: _vmplants_v1_CreateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_CreateEvent__Output>;
  create(argument: _vmplants_v1_CreateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_CreateEvent__Output>;
  
  /**
   * Runs one command in a VM.
   */
  Exec(argument: _vmplants_v1_ExecRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  Exec(argument: _vmplants_v1_ExecRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  /**
   * Runs one command in a VM.
   */
  exec(argument: _vmplants_v1_ExecRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  exec(argument: _vmplants_v1_ExecRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  
  /**
   * Golden images of all plants.
   */
  Images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  Images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  Images(argument: _vmplants_v1_ImagesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  Images(argument: _vmplants_v1_ImagesRequest, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Golden images of all plants.
   */
  images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * All VMs, oldest first.
   */
  List(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _vmplants_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _vmplants_v1_ListRequest, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  /**
   * All VMs, oldest first.
   */
  list(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * A dry run: what each plant would bid, clone and run, and why each other image was rejected. Creates nothing.
   */
  Plan(argument: _vmplants_v1_PlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _vmplants_v1_PlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _vmplants_v1_PlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _vmplants_v1_PlanRequest, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  /**
   * A dry run: what each plant would bid, clone and run, and why each other image was rejected. Creates nothing.
   */
  plan(argument: _vmplants_v1_PlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _vmplants_v1_PlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _vmplants_v1_PlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _vmplants_v1_PlanRequest, callback: grpc.requestCallback<_vmplants_v1_PlanResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The plants that the shop knows, with their load.
   */
  Plants(argument: _vmplants_v1_PlantsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  Plants(argument: _vmplants_v1_PlantsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  Plants(argument: _vmplants_v1_PlantsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  Plants(argument: _vmplants_v1_PlantsRequest, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The plants that the shop knows, with their load.
   */
  plants(argument: _vmplants_v1_PlantsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  plants(argument: _vmplants_v1_PlantsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  plants(argument: _vmplants_v1_PlantsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  plants(argument: _vmplants_v1_PlantsRequest, callback: grpc.requestCallback<_vmplants_v1_PlantsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * One VM by its VMID. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer.
   */
  Query(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  /**
   * One VM by its VMID. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer.
   */
  query(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Creates, queries and collects virtual machines. The shop keeps no state that the plants do not have.
 * Set a deadline on every call. Errors carry google.rpc.Status details: BadRequest with field paths, ErrorInfo with
 * a reason, ActionFailure when an action failed.
 */
export interface VMShopHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The bids for a request, cheapest first. Creates nothing.
   */
  Bids: grpc.handleUnaryCall<_vmplants_v1_BidsRequest__Output, _vmplants_v1_BidsResponse>;
  
  /**
   * Ends and removes a VM. NOT_FOUND when no plant has it. Repeatable.
   */
  Collect: grpc.handleUnaryCall<_vmplants_v1_VmidRequest__Output, _vmplants_v1_CollectResponse>;
  
  /**
   * The serial console of a VM, both ways.
   */
  Console: grpc.handleBidiStreamingCall<_vmplants_v1_ConsoleInput__Output, _vmplants_v1_ConsoleOutput>;
  
  /**
   * Collects bids, takes the cheapest, has the VM produced. Streams what happens and ends with the classad.
   * INVALID_ARGUMENT: the request is wrong, at the named field. FAILED_PRECONDITION: no golden image matches
   * anywhere, every plant is too small for the machine, or an action failed (ActionFailure). RESOURCE_EXHAUSTED: every
   * matching plant is full. UNAVAILABLE: no plant could be asked. ALREADY_EXISTS: the request ID was used for another request.
   * A client that goes away does not end the creation; repeat the call with the same request ID to follow it.
   */
  Create: grpc.handleServerStreamingCall<_vmplants_v1_CreateRequest__Output, _vmplants_v1_CreateEvent>;
  
  /**
   * Runs one command in a VM.
   */
  Exec: grpc.handleServerStreamingCall<_vmplants_v1_ExecRequest__Output, _vmplants_v1_ExecEvent>;
  
  /**
   * Golden images of all plants.
   */
  Images: grpc.handleUnaryCall<_vmplants_v1_ImagesRequest__Output, _vmplants_v1_ImagesResponse>;
  
  /**
   * All VMs, oldest first.
   */
  List: grpc.handleUnaryCall<_vmplants_v1_ListRequest__Output, _vmplants_v1_ListResponse>;
  
  /**
   * A dry run: what each plant would bid, clone and run, and why each other image was rejected. Creates nothing.
   */
  Plan: grpc.handleUnaryCall<_vmplants_v1_PlanRequest__Output, _vmplants_v1_PlanResponse>;
  
  /**
   * The plants that the shop knows, with their load.
   */
  Plants: grpc.handleUnaryCall<_vmplants_v1_PlantsRequest__Output, _vmplants_v1_PlantsResponse>;
  
  /**
   * One VM by its VMID. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer.
   */
  Query: grpc.handleUnaryCall<_vmplants_v1_VmidRequest__Output, _vmplants_v1_Vm>;
  
}

export interface VMShopDefinition extends grpc.ServiceDefinition {
  Bids: MethodDefinition<_vmplants_v1_BidsRequest, _vmplants_v1_BidsResponse, _vmplants_v1_BidsRequest__Output, _vmplants_v1_BidsResponse__Output>
  Collect: MethodDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_CollectResponse, _vmplants_v1_VmidRequest__Output, _vmplants_v1_CollectResponse__Output>
  Console: MethodDefinition<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput, _vmplants_v1_ConsoleInput__Output, _vmplants_v1_ConsoleOutput__Output>
  Create: MethodDefinition<_vmplants_v1_CreateRequest, _vmplants_v1_CreateEvent, _vmplants_v1_CreateRequest__Output, _vmplants_v1_CreateEvent__Output>
  Exec: MethodDefinition<_vmplants_v1_ExecRequest, _vmplants_v1_ExecEvent, _vmplants_v1_ExecRequest__Output, _vmplants_v1_ExecEvent__Output>
  Images: MethodDefinition<_vmplants_v1_ImagesRequest, _vmplants_v1_ImagesResponse, _vmplants_v1_ImagesRequest__Output, _vmplants_v1_ImagesResponse__Output>
  List: MethodDefinition<_vmplants_v1_ListRequest, _vmplants_v1_ListResponse, _vmplants_v1_ListRequest__Output, _vmplants_v1_ListResponse__Output>
  Plan: MethodDefinition<_vmplants_v1_PlanRequest, _vmplants_v1_PlanResponse, _vmplants_v1_PlanRequest__Output, _vmplants_v1_PlanResponse__Output>
  Plants: MethodDefinition<_vmplants_v1_PlantsRequest, _vmplants_v1_PlantsResponse, _vmplants_v1_PlantsRequest__Output, _vmplants_v1_PlantsResponse__Output>
  Query: MethodDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_Vm, _vmplants_v1_VmidRequest__Output, _vmplants_v1_Vm__Output>
}
