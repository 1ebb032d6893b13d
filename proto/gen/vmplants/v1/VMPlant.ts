// Original file: proto/vmplants/v1/plant.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BidRequest as _vmplants_v1_BidRequest, BidRequest__Output as _vmplants_v1_BidRequest__Output } from '../../vmplants/v1/BidRequest.js';
import type { BidResponse as _vmplants_v1_BidResponse, BidResponse__Output as _vmplants_v1_BidResponse__Output } from '../../vmplants/v1/BidResponse.js';
import type { CollectResponse as _vmplants_v1_CollectResponse, CollectResponse__Output as _vmplants_v1_CollectResponse__Output } from '../../vmplants/v1/CollectResponse.js';
import type { ConsoleInput as _vmplants_v1_ConsoleInput, ConsoleInput__Output as _vmplants_v1_ConsoleInput__Output } from '../../vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput as _vmplants_v1_ConsoleOutput, ConsoleOutput__Output as _vmplants_v1_ConsoleOutput__Output } from '../../vmplants/v1/ConsoleOutput.js';
import type { DescribeRequest as _vmplants_v1_DescribeRequest, DescribeRequest__Output as _vmplants_v1_DescribeRequest__Output } from '../../vmplants/v1/DescribeRequest.js';
import type { ExecEvent as _vmplants_v1_ExecEvent, ExecEvent__Output as _vmplants_v1_ExecEvent__Output } from '../../vmplants/v1/ExecEvent.js';
import type { ExecRequest as _vmplants_v1_ExecRequest, ExecRequest__Output as _vmplants_v1_ExecRequest__Output } from '../../vmplants/v1/ExecRequest.js';
import type { ImagesRequest as _vmplants_v1_ImagesRequest, ImagesRequest__Output as _vmplants_v1_ImagesRequest__Output } from '../../vmplants/v1/ImagesRequest.js';
import type { ImagesResponse as _vmplants_v1_ImagesResponse, ImagesResponse__Output as _vmplants_v1_ImagesResponse__Output } from '../../vmplants/v1/ImagesResponse.js';
import type { LearnRequest as _vmplants_v1_LearnRequest, LearnRequest__Output as _vmplants_v1_LearnRequest__Output } from '../../vmplants/v1/LearnRequest.js';
import type { LearnResponse as _vmplants_v1_LearnResponse, LearnResponse__Output as _vmplants_v1_LearnResponse__Output } from '../../vmplants/v1/LearnResponse.js';
import type { ListRequest as _vmplants_v1_ListRequest, ListRequest__Output as _vmplants_v1_ListRequest__Output } from '../../vmplants/v1/ListRequest.js';
import type { ListResponse as _vmplants_v1_ListResponse, ListResponse__Output as _vmplants_v1_ListResponse__Output } from '../../vmplants/v1/ListResponse.js';
import type { PlantDescription as _vmplants_v1_PlantDescription, PlantDescription__Output as _vmplants_v1_PlantDescription__Output } from '../../vmplants/v1/PlantDescription.js';
import type { PlantStatus as _vmplants_v1_PlantStatus, PlantStatus__Output as _vmplants_v1_PlantStatus__Output } from '../../vmplants/v1/PlantStatus.js';
import type { ProduceEvent as _vmplants_v1_ProduceEvent, ProduceEvent__Output as _vmplants_v1_ProduceEvent__Output } from '../../vmplants/v1/ProduceEvent.js';
import type { ProduceRequest as _vmplants_v1_ProduceRequest, ProduceRequest__Output as _vmplants_v1_ProduceRequest__Output } from '../../vmplants/v1/ProduceRequest.js';
import type { PublishEvent as _vmplants_v1_PublishEvent, PublishEvent__Output as _vmplants_v1_PublishEvent__Output } from '../../vmplants/v1/PublishEvent.js';
import type { PublishRequest as _vmplants_v1_PublishRequest, PublishRequest__Output as _vmplants_v1_PublishRequest__Output } from '../../vmplants/v1/PublishRequest.js';
import type { QueryRequest as _vmplants_v1_QueryRequest, QueryRequest__Output as _vmplants_v1_QueryRequest__Output } from '../../vmplants/v1/QueryRequest.js';
import type { ReserveRequest as _vmplants_v1_ReserveRequest, ReserveRequest__Output as _vmplants_v1_ReserveRequest__Output } from '../../vmplants/v1/ReserveRequest.js';
import type { ReserveResponse as _vmplants_v1_ReserveResponse, ReserveResponse__Output as _vmplants_v1_ReserveResponse__Output } from '../../vmplants/v1/ReserveResponse.js';
import type { StatusRequest as _vmplants_v1_StatusRequest, StatusRequest__Output as _vmplants_v1_StatusRequest__Output } from '../../vmplants/v1/StatusRequest.js';
import type { UpdateImageRequest as _vmplants_v1_UpdateImageRequest, UpdateImageRequest__Output as _vmplants_v1_UpdateImageRequest__Output } from '../../vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse as _vmplants_v1_UpdateImageResponse, UpdateImageResponse__Output as _vmplants_v1_UpdateImageResponse__Output } from '../../vmplants/v1/UpdateImageResponse.js';
import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from '../../vmplants/v1/Vm.js';
import type { VmidRequest as _vmplants_v1_VmidRequest, VmidRequest__Output as _vmplants_v1_VmidRequest__Output } from '../../vmplants/v1/VmidRequest.js';
import type { WatchEvent as _vmplants_v1_WatchEvent, WatchEvent__Output as _vmplants_v1_WatchEvent__Output } from '../../vmplants/v1/WatchEvent.js';
import type { WatchRequest as _vmplants_v1_WatchRequest, WatchRequest__Output as _vmplants_v1_WatchRequest__Output } from '../../vmplants/v1/WatchRequest.js';

/**
 * Bids, plans, produces and monitors the VMs of one host, and owns their classads. Brokers serve it too.
 */
export interface VMPlantClient extends grpc.Client {
  /**
   * The plant's offer. FAILED_PRECONDITION: no golden image matches (with `explain` answered without a bid instead,
   * see BidResponse.rejected), or the plant is too small for the machine. RESOURCE_EXHAUSTED: the plant is full.
   */
  Bid(argument: _vmplants_v1_BidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  Bid(argument: _vmplants_v1_BidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  Bid(argument: _vmplants_v1_BidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  Bid(argument: _vmplants_v1_BidRequest, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The plant's offer. FAILED_PRECONDITION: no golden image matches (with `explain` answered without a bid instead,
   * see BidResponse.rejected), or the plant is too small for the machine. RESOURCE_EXHAUSTED: the plant is full.
   */
  bid(argument: _vmplants_v1_BidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  bid(argument: _vmplants_v1_BidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  bid(argument: _vmplants_v1_BidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  bid(argument: _vmplants_v1_BidRequest, callback: grpc.requestCallback<_vmplants_v1_BidResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The VM was taken over for its client and stays. Repeatable. NOT_FOUND when it is gone already.
   */
  Claim(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Claim(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Claim(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Claim(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  /**
   * The VM was taken over for its client and stays. Repeatable. NOT_FOUND when it is gone already.
   */
  claim(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  claim(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  claim(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  claim(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  
  /**
   * Ends and removes a VM. Repeatable while it is going on; NOT_FOUND once nothing of it is left.
   */
  Collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  Collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  Collect(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  Collect(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Ends and removes a VM. Repeatable while it is going on; NOT_FOUND once nothing of it is left.
   */
  collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  collect(argument: _vmplants_v1_VmidRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  collect(argument: _vmplants_v1_VmidRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  collect(argument: _vmplants_v1_VmidRequest, callback: grpc.requestCallback<_vmplants_v1_CollectResponse__Output>): grpc.ClientUnaryCall;
  
  Console(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  Console(options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  console(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  console(options?: grpc.CallOptions): grpc.ClientDuplexStream<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput__Output>;
  
  /**
   * What the plant is and how loaded it is.
   */
  Describe(argument: _vmplants_v1_DescribeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _vmplants_v1_DescribeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _vmplants_v1_DescribeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _vmplants_v1_DescribeRequest, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  /**
   * What the plant is and how loaded it is.
   */
  describe(argument: _vmplants_v1_DescribeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _vmplants_v1_DescribeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _vmplants_v1_DescribeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _vmplants_v1_DescribeRequest, callback: grpc.requestCallback<_vmplants_v1_PlantDescription__Output>): grpc.ClientUnaryCall;
  
  Exec(argument: _vmplants_v1_ExecRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  Exec(argument: _vmplants_v1_ExecRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  exec(argument: _vmplants_v1_ExecRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  exec(argument: _vmplants_v1_ExecRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ExecEvent__Output>;
  
  Images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  Images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  Images(argument: _vmplants_v1_ImagesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  Images(argument: _vmplants_v1_ImagesRequest, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  images(argument: _vmplants_v1_ImagesRequest, callback: grpc.requestCallback<_vmplants_v1_ImagesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * As VMShop.Learn, for this plant.
   */
  Learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  Learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  Learn(argument: _vmplants_v1_LearnRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  Learn(argument: _vmplants_v1_LearnRequest, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  /**
   * As VMShop.Learn, for this plant.
   */
  learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  learn(argument: _vmplants_v1_LearnRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  learn(argument: _vmplants_v1_LearnRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  learn(argument: _vmplants_v1_LearnRequest, callback: grpc.requestCallback<_vmplants_v1_LearnResponse__Output>): grpc.ClientUnaryCall;
  
  List(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _vmplants_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _vmplants_v1_ListRequest, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _vmplants_v1_ListRequest, callback: grpc.requestCallback<_vmplants_v1_ListResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Produces the order under the given VMID. Repeatable: the same VMID and order joins the production that runs or
   * answers with the VM that exists; another order under the same VMID is ALREADY_EXISTS. Goes on when the caller
   * goes away. With `claim_within_seconds` the VM is the caller's only once it was claimed.
   */
  Produce(argument: _vmplants_v1_ProduceRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ProduceEvent__Output>;
  Produce(argument: _vmplants_v1_ProduceRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ProduceEvent__Output>;
  /**
   * Produces the order under the given VMID. Repeatable: the same VMID and order joins the production that runs or
   * answers with the VM that exists; another order under the same VMID is ALREADY_EXISTS. Goes on when the caller
   * goes away. With `claim_within_seconds` the VM is the caller's only once it was claimed.
   */
  produce(argument: _vmplants_v1_ProduceRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ProduceEvent__Output>;
  produce(argument: _vmplants_v1_ProduceRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_ProduceEvent__Output>;
  
  /**
   * As VMShop.Publish, for a VM of this plant.
   */
  Publish(argument: _vmplants_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  Publish(argument: _vmplants_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  /**
   * As VMShop.Publish, for a VM of this plant.
   */
  publish(argument: _vmplants_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  publish(argument: _vmplants_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PublishEvent__Output>;
  
  Query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_QueryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  Query(argument: _vmplants_v1_QueryRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  query(argument: _vmplants_v1_QueryRequest, callback: grpc.requestCallback<_vmplants_v1_Vm__Output>): grpc.ClientUnaryCall;
  
  /**
   * Holds room for a VM for a short time, so that no other shop wins the same last place between bid and production.
   * Repeatable: the same VMID renews it. Produce with that VMID takes the room; otherwise it is free again after the
   * time. RESOURCE_EXHAUSTED, FAILED_PRECONDITION: as Bid. ALREADY_EXISTS: a VM of another order has this VMID.
   */
  Reserve(argument: _vmplants_v1_ReserveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  Reserve(argument: _vmplants_v1_ReserveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  Reserve(argument: _vmplants_v1_ReserveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  Reserve(argument: _vmplants_v1_ReserveRequest, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Holds room for a VM for a short time, so that no other shop wins the same last place between bid and production.
   * Repeatable: the same VMID renews it. Produce with that VMID takes the room; otherwise it is free again after the
   * time. RESOURCE_EXHAUSTED, FAILED_PRECONDITION: as Bid. ALREADY_EXISTS: a VM of another order has this VMID.
   */
  reserve(argument: _vmplants_v1_ReserveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  reserve(argument: _vmplants_v1_ReserveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  reserve(argument: _vmplants_v1_ReserveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  reserve(argument: _vmplants_v1_ReserveRequest, callback: grpc.requestCallback<_vmplants_v1_ReserveResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * What shops and brokers decide by whom to ask: now, and again whenever it has changed, until the caller goes away.
   */
  Status(argument: _vmplants_v1_StatusRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PlantStatus__Output>;
  Status(argument: _vmplants_v1_StatusRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PlantStatus__Output>;
  /**
   * What shops and brokers decide by whom to ask: now, and again whenever it has changed, until the caller goes away.
   */
  status(argument: _vmplants_v1_StatusRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PlantStatus__Output>;
  status(argument: _vmplants_v1_StatusRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_PlantStatus__Output>;
  
  /**
   * As VMShop.UpdateImage, for an image of this plant.
   */
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  UpdateImage(argument: _vmplants_v1_UpdateImageRequest, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  /**
   * As VMShop.UpdateImage, for an image of this plant.
   */
  updateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  updateImage(argument: _vmplants_v1_UpdateImageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  updateImage(argument: _vmplants_v1_UpdateImageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  updateImage(argument: _vmplants_v1_UpdateImageRequest, callback: grpc.requestCallback<_vmplants_v1_UpdateImageResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * All VMs first, then every change of one, until the caller goes away.
   */
  Watch(argument: _vmplants_v1_WatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_WatchEvent__Output>;
  Watch(argument: _vmplants_v1_WatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_WatchEvent__Output>;
  /**
   * All VMs first, then every change of one, until the caller goes away.
   */
  watch(argument: _vmplants_v1_WatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_WatchEvent__Output>;
  watch(argument: _vmplants_v1_WatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_vmplants_v1_WatchEvent__Output>;
  
}

/**
 * Bids, plans, produces and monitors the VMs of one host, and owns their classads. Brokers serve it too.
 */
export interface VMPlantHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The plant's offer. FAILED_PRECONDITION: no golden image matches (with `explain` answered without a bid instead,
   * see BidResponse.rejected), or the plant is too small for the machine. RESOURCE_EXHAUSTED: the plant is full.
   */
  Bid: grpc.handleUnaryCall<_vmplants_v1_BidRequest__Output, _vmplants_v1_BidResponse>;
  
  /**
   * The VM was taken over for its client and stays. Repeatable. NOT_FOUND when it is gone already.
   */
  Claim: grpc.handleUnaryCall<_vmplants_v1_VmidRequest__Output, _vmplants_v1_Vm>;
  
  /**
   * Ends and removes a VM. Repeatable while it is going on; NOT_FOUND once nothing of it is left.
   */
  Collect: grpc.handleUnaryCall<_vmplants_v1_VmidRequest__Output, _vmplants_v1_CollectResponse>;
  
  Console: grpc.handleBidiStreamingCall<_vmplants_v1_ConsoleInput__Output, _vmplants_v1_ConsoleOutput>;
  
  /**
   * What the plant is and how loaded it is.
   */
  Describe: grpc.handleUnaryCall<_vmplants_v1_DescribeRequest__Output, _vmplants_v1_PlantDescription>;
  
  Exec: grpc.handleServerStreamingCall<_vmplants_v1_ExecRequest__Output, _vmplants_v1_ExecEvent>;
  
  Images: grpc.handleUnaryCall<_vmplants_v1_ImagesRequest__Output, _vmplants_v1_ImagesResponse>;
  
  /**
   * As VMShop.Learn, for this plant.
   */
  Learn: grpc.handleUnaryCall<_vmplants_v1_LearnRequest__Output, _vmplants_v1_LearnResponse>;
  
  List: grpc.handleUnaryCall<_vmplants_v1_ListRequest__Output, _vmplants_v1_ListResponse>;
  
  /**
   * Produces the order under the given VMID. Repeatable: the same VMID and order joins the production that runs or
   * answers with the VM that exists; another order under the same VMID is ALREADY_EXISTS. Goes on when the caller
   * goes away. With `claim_within_seconds` the VM is the caller's only once it was claimed.
   */
  Produce: grpc.handleServerStreamingCall<_vmplants_v1_ProduceRequest__Output, _vmplants_v1_ProduceEvent>;
  
  /**
   * As VMShop.Publish, for a VM of this plant.
   */
  Publish: grpc.handleServerStreamingCall<_vmplants_v1_PublishRequest__Output, _vmplants_v1_PublishEvent>;
  
  Query: grpc.handleUnaryCall<_vmplants_v1_QueryRequest__Output, _vmplants_v1_Vm>;
  
  /**
   * Holds room for a VM for a short time, so that no other shop wins the same last place between bid and production.
   * Repeatable: the same VMID renews it. Produce with that VMID takes the room; otherwise it is free again after the
   * time. RESOURCE_EXHAUSTED, FAILED_PRECONDITION: as Bid. ALREADY_EXISTS: a VM of another order has this VMID.
   */
  Reserve: grpc.handleUnaryCall<_vmplants_v1_ReserveRequest__Output, _vmplants_v1_ReserveResponse>;
  
  /**
   * What shops and brokers decide by whom to ask: now, and again whenever it has changed, until the caller goes away.
   */
  Status: grpc.handleServerStreamingCall<_vmplants_v1_StatusRequest__Output, _vmplants_v1_PlantStatus>;
  
  /**
   * As VMShop.UpdateImage, for an image of this plant.
   */
  UpdateImage: grpc.handleUnaryCall<_vmplants_v1_UpdateImageRequest__Output, _vmplants_v1_UpdateImageResponse>;
  
  /**
   * All VMs first, then every change of one, until the caller goes away.
   */
  Watch: grpc.handleServerStreamingCall<_vmplants_v1_WatchRequest__Output, _vmplants_v1_WatchEvent>;
  
}

export interface VMPlantDefinition extends grpc.ServiceDefinition {
  Bid: MethodDefinition<_vmplants_v1_BidRequest, _vmplants_v1_BidResponse, _vmplants_v1_BidRequest__Output, _vmplants_v1_BidResponse__Output>
  Claim: MethodDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_Vm, _vmplants_v1_VmidRequest__Output, _vmplants_v1_Vm__Output>
  Collect: MethodDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_CollectResponse, _vmplants_v1_VmidRequest__Output, _vmplants_v1_CollectResponse__Output>
  Console: MethodDefinition<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleOutput, _vmplants_v1_ConsoleInput__Output, _vmplants_v1_ConsoleOutput__Output>
  Describe: MethodDefinition<_vmplants_v1_DescribeRequest, _vmplants_v1_PlantDescription, _vmplants_v1_DescribeRequest__Output, _vmplants_v1_PlantDescription__Output>
  Exec: MethodDefinition<_vmplants_v1_ExecRequest, _vmplants_v1_ExecEvent, _vmplants_v1_ExecRequest__Output, _vmplants_v1_ExecEvent__Output>
  Images: MethodDefinition<_vmplants_v1_ImagesRequest, _vmplants_v1_ImagesResponse, _vmplants_v1_ImagesRequest__Output, _vmplants_v1_ImagesResponse__Output>
  Learn: MethodDefinition<_vmplants_v1_LearnRequest, _vmplants_v1_LearnResponse, _vmplants_v1_LearnRequest__Output, _vmplants_v1_LearnResponse__Output>
  List: MethodDefinition<_vmplants_v1_ListRequest, _vmplants_v1_ListResponse, _vmplants_v1_ListRequest__Output, _vmplants_v1_ListResponse__Output>
  Produce: MethodDefinition<_vmplants_v1_ProduceRequest, _vmplants_v1_ProduceEvent, _vmplants_v1_ProduceRequest__Output, _vmplants_v1_ProduceEvent__Output>
  Publish: MethodDefinition<_vmplants_v1_PublishRequest, _vmplants_v1_PublishEvent, _vmplants_v1_PublishRequest__Output, _vmplants_v1_PublishEvent__Output>
  Query: MethodDefinition<_vmplants_v1_QueryRequest, _vmplants_v1_Vm, _vmplants_v1_QueryRequest__Output, _vmplants_v1_Vm__Output>
  Reserve: MethodDefinition<_vmplants_v1_ReserveRequest, _vmplants_v1_ReserveResponse, _vmplants_v1_ReserveRequest__Output, _vmplants_v1_ReserveResponse__Output>
  Status: MethodDefinition<_vmplants_v1_StatusRequest, _vmplants_v1_PlantStatus, _vmplants_v1_StatusRequest__Output, _vmplants_v1_PlantStatus__Output>
  UpdateImage: MethodDefinition<_vmplants_v1_UpdateImageRequest, _vmplants_v1_UpdateImageResponse, _vmplants_v1_UpdateImageRequest__Output, _vmplants_v1_UpdateImageResponse__Output>
  Watch: MethodDefinition<_vmplants_v1_WatchRequest, _vmplants_v1_WatchEvent, _vmplants_v1_WatchRequest__Output, _vmplants_v1_WatchEvent__Output>
}
