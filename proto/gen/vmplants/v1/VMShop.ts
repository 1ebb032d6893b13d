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
import type { LearnRequest as _vmplants_v1_LearnRequest, LearnRequest__Output as _vmplants_v1_LearnRequest__Output } from '../../vmplants/v1/LearnRequest.js';
import type { LearnResponse as _vmplants_v1_LearnResponse, LearnResponse__Output as _vmplants_v1_LearnResponse__Output } from '../../vmplants/v1/LearnResponse.js';
import type { ListRequest as _vmplants_v1_ListRequest, ListRequest__Output as _vmplants_v1_ListRequest__Output } from '../../vmplants/v1/ListRequest.js';
import type { ListResponse as _vmplants_v1_ListResponse, ListResponse__Output as _vmplants_v1_ListResponse__Output } from '../../vmplants/v1/ListResponse.js';
import type { PlanRequest as _vmplants_v1_PlanRequest, PlanRequest__Output as _vmplants_v1_PlanRequest__Output } from '../../vmplants/v1/PlanRequest.js';
import type { PlanResponse as _vmplants_v1_PlanResponse, PlanResponse__Output as _vmplants_v1_PlanResponse__Output } from '../../vmplants/v1/PlanResponse.js';
import type { PlantsRequest as _vmplants_v1_PlantsRequest, PlantsRequest__Output as _vmplants_v1_PlantsRequest__Output } from '../../vmplants/v1/PlantsRequest.js';
import type { PlantsResponse as _vmplants_v1_PlantsResponse, PlantsResponse__Output as _vmplants_v1_PlantsResponse__Output } from '../../vmplants/v1/PlantsResponse.js';
import type { PublishEvent as _vmplants_v1_PublishEvent, PublishEvent__Output as _vmplants_v1_PublishEvent__Output } from '../../vmplants/v1/PublishEvent.js';
import type { PublishRequest as _vmplants_v1_PublishRequest, PublishRequest__Output as _vmplants_v1_PublishRequest__Output } from '../../vmplants/v1/PublishRequest.js';
import type { QueryRequest as _vmplants_v1_QueryRequest, QueryRequest__Output as _vmplants_v1_QueryRequest__Output } from '../../vmplants/v1/QueryRequest.js';
import type { UpdateImageRequest as _vmplants_v1_UpdateImageRequest, UpdateImageRequest__Output as _vmplants_v1_UpdateImageRequest__Output } from '../../vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse as _vmplants_v1_UpdateImageResponse, UpdateImageResponse__Output as _vmplants_v1_UpdateImageResponse__Output } from '../../vmplants/v1/UpdateImageResponse.js';
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
   * What the plants have learned from the orders that they saw: what they would bake and evict now, and why they keep
   * what they have; without `dry_run` they also set about it.
   */
  Learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  Learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  Learn(argument: _vmplants_v1_LearnRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  Learn(argument: _vmplants_v1_LearnRequest, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  /**
   * What the plants have learned from the orders that they saw: what they would bake and evict now, and why they keep
   * what they have; without `dry_run` they also set about it.
   */
  learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  learn(argument: _vmplants_v1_LearnRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  learn(argument: _vmplants_v1_LearnRequest, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  
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
   * Makes a golden image of a VM, which goes on running. Streams what happens and ends with the image. NOT_FOUND: no
   * such VM. ALREADY_EXISTS: the name is taken. FAILED_PRECONDITION: nothing of it can be in an image, its identity
   * would stay in it, or the guest did not confirm to be rid of it. A client that goes away ends the publication;
   * nothing of it is left then.
   */
  Publish(argument: _vmplants_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  Publish(argument: _vmplants_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  /**
   * Makes a golden image of a VM, which goes on running. Streams what happens and ends with the image. NOT_FOUND: no
   * such VM. ALREADY_EXISTS: the name is taken. FAILED_PRECONDITION: nothing of it can be in an image, its identity
   * would stay in it, or the guest did not confirm to be rid of it. A client that goes away ends the publication;
   * nothing of it is left then.
   */
  publish(argument: _vmplants_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  publish(argument: _vmplants_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  
  /**
   * One VM by its VMID. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer.
   */
  Query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_QueryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_QueryRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  /**
   * One VM by its VMID. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer.
   */
  query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  
  /**
   * Shares an image with other client domains or not, pins it or not, on every plant that has it.
   */
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Shares an image with other client domains or not, pins it or not, on every plant that has it.
   */
  updateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  updateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  updateImage(argument: _vmplants_v1_UpdateImageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  updateImage(argument: _vmplants_v1_UpdateImageRequest, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  
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
   * What the plants have learned from the orders that they saw: what they would bake and evict now, and why they keep
   * what they have; without `dry_run` they also set about it.
   */
  Learn: grpc.handleUnaryCall<_vmplants_v1_LearnRequest__Output, _vmplants_v1_LearnResponse>;
  
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
   * Makes a golden image of a VM, which goes on running. Streams what happens and ends with the image. NOT_FOUND: no
   * such VM. ALREADY_EXISTS: the name is taken. FAILED_PRECONDITION: nothing of it can be in an image, its identity
   * would stay in it, or the guest did not confirm to be rid of it. A client that goes away ends the publication;
   * nothing of it is left then.
   */
  Publish: grpc.handleServerStreamingCall<_vmplants_v1_PublishRequest__Output, _vmplants_v1_PublishEvent>;
  
  /**
   * One VM by its VMID. NOT_FOUND when no plant has it; UNAVAILABLE when a plant that may have it did not answer.
   */
  Query: grpc.handleUnaryCall<_vmplants_v1_QueryRequest__Output, _vmplants_v1_Vm>;
  
  /**
   * Shares an image with other client domains or not, pins it or not, on every plant that has it.
   */
  UpdateImage: grpc.handleUnaryCall<_vmplants_v1_UpdateImageRequest__Output, _vmplants_v1_UpdateImageResponse>;
  
}

export interface VMShopDefinition extends grpc.ServiceDefinition {
  Bids: MethodDefinition<_vmplants_v1_BidsRequest, _vmplants_v1_BidsResponse, _vmplants_v1_BidsRequest__Output, _vmplants_v1_BidsResponse__Output>
  Collect: MethodDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_CollectResponse, _vmplants_v1_VmidRequest__Output, _vmplants_v1_CollectResponse__Output>
  Console: MethodDefinition<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput, _vmplants_v1_ConsoleInput__Output, _vmplants_v1_ConsoleOutput__Output>
  Create: MethodDefinition<_vmplants_v1_CreateRequest, _vmplants_v1_CreateEvent, _vmplants_v1_CreateRequest__Output, _vmplants_v1_CreateEvent__Output>
  Exec: MethodDefinition<_vmplants_v1_ExecRequest, _vmplants_v1_ExecEvent, _vmplants_v1_ExecRequest__Output, _vmplants_v1_ExecEvent__Output>
  Images: MethodDefinition<_vmplants_v1_ImagesRequest, _vmplants_v1_ImagesResponse, _vmplants_v1_ImagesRequest__Output, _vmplants_v1_ImagesResponse__Output>
  Learn: MethodDefinition<_vmplants_v1_LearnRequest, _vmplants_v1_LearnResponse, _vmplants_v1_LearnRequest__Output, _vmplants_v1_LearnResponse__Output>
  List: MethodDefinition<_vmplants_v1_ListRequest, _vmplants_v1_ListResponse, _vmplants_v1_ListRequest__Output, _vmplants_v1_ListResponse__Output>
  Plan: MethodDefinition<_vmplants_v1_PlanRequest, _vmplants_v1_PlanResponse, _vmplants_v1_PlanRequest__Output, _vmplants_v1_PlanResponse__Output>
  Plants: MethodDefinition<_vmplants_v1_PlantsRequest, _vmplants_v1_PlantsResponse, _vmplants_v1_PlantsRequest__Output, _vmplants_v1_PlantsResponse__Output>
  Publish: MethodDefinition<_vmplants_v1_PublishRequest, _vmplants_v1_PublishEvent, _vmplants_v1_PublishRequest__Output, _vmplants_v1_PublishEvent__Output>
  Query: MethodDefinition<_vmplants_v1_QueryRequest, _vmplants_v1_Vm, _vmplants_v1_QueryRequest__Output, _vmplants_v1_Vm__Output>
  UpdateImage: MethodDefinition<_vmplants_v1_UpdateImageRequest, _vmplants_v1_UpdateImageResponse, _vmplants_v1_UpdateImageRequest__Output, _vmplants_v1_UpdateImageResponse__Output>
}
