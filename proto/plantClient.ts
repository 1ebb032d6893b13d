import { type CallOptions, type Channel, type ChannelOptions, openChannel } from './channel.js';
import type { BidRequest } from './gen/vmplants/v1/BidRequest.js';
import type { BidResponse__Output } from './gen/vmplants/v1/BidResponse.js';
import type { CollectResponse__Output } from './gen/vmplants/v1/CollectResponse.js';
import type { ConsoleInput } from './gen/vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput__Output } from './gen/vmplants/v1/ConsoleOutput.js';
import type { DescribeRequest } from './gen/vmplants/v1/DescribeRequest.js';
import type { ExecEvent__Output } from './gen/vmplants/v1/ExecEvent.js';
import type { ExecRequest } from './gen/vmplants/v1/ExecRequest.js';
import type { ImagesRequest } from './gen/vmplants/v1/ImagesRequest.js';
import type { ImagesResponse__Output } from './gen/vmplants/v1/ImagesResponse.js';
import type { LearnRequest } from './gen/vmplants/v1/LearnRequest.js';
import type { LearnResponse__Output } from './gen/vmplants/v1/LearnResponse.js';
import type { ListRequest } from './gen/vmplants/v1/ListRequest.js';
import type { ListResponse__Output } from './gen/vmplants/v1/ListResponse.js';
import type { PlantDescription__Output } from './gen/vmplants/v1/PlantDescription.js';
import type { PlantStatus__Output } from './gen/vmplants/v1/PlantStatus.js';
import type { ProduceEvent__Output } from './gen/vmplants/v1/ProduceEvent.js';
import type { ProduceRequest } from './gen/vmplants/v1/ProduceRequest.js';
import type { PublishEvent__Output } from './gen/vmplants/v1/PublishEvent.js';
import type { PublishRequest } from './gen/vmplants/v1/PublishRequest.js';
import type { QueryRequest } from './gen/vmplants/v1/QueryRequest.js';
import type { ReserveRequest } from './gen/vmplants/v1/ReserveRequest.js';
import type { ReserveResponse__Output } from './gen/vmplants/v1/ReserveResponse.js';
import type { StatusRequest } from './gen/vmplants/v1/StatusRequest.js';
import type { UpdateImageRequest } from './gen/vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse__Output } from './gen/vmplants/v1/UpdateImageResponse.js';
import type { Vm__Output } from './gen/vmplants/v1/Vm.js';
import type { VmidRequest } from './gen/vmplants/v1/VmidRequest.js';
import type { WatchEvent__Output } from './gen/vmplants/v1/WatchEvent.js';
import type { WatchRequest } from './gen/vmplants/v1/WatchRequest.js';
import { contracts } from './load.js';
import { VIA_HEADER } from './via.js';

/** The VMPlant service of one address. Every call rejects with a VmplantsError; see `Channel` for streams. */
export interface PlantClient {
  readonly address: string;
  describe(request: DescribeRequest, options: CallOptions): Promise<PlantDescription__Output>;
  bid(request: BidRequest, options: CallOptions): Promise<BidResponse__Output>;
  produce(
    request: ProduceRequest,
    options: CallOptions,
  ): AsyncGenerator<ProduceEvent__Output, void, undefined>;
  status(request: StatusRequest, options: CallOptions): AsyncGenerator<PlantStatus__Output, void, undefined>;
  reserve(request: ReserveRequest, options: CallOptions): Promise<ReserveResponse__Output>;
  claim(request: VmidRequest, options: CallOptions): Promise<Vm__Output>;
  query(request: QueryRequest, options: CallOptions): Promise<Vm__Output>;
  list(request: ListRequest, options: CallOptions): Promise<ListResponse__Output>;
  collect(request: VmidRequest, options: CallOptions): Promise<CollectResponse__Output>;
  watch(request: WatchRequest, options: CallOptions): AsyncGenerator<WatchEvent__Output, void, undefined>;
  images(request: ImagesRequest, options: CallOptions): Promise<ImagesResponse__Output>;
  exec(request: ExecRequest, options: CallOptions): AsyncGenerator<ExecEvent__Output, void, undefined>;
  console(
    requests: AsyncIterable<ConsoleInput>,
    options: CallOptions,
  ): AsyncGenerator<ConsoleOutput__Output, void, undefined>;
  publish(
    request: PublishRequest,
    options: CallOptions,
  ): AsyncGenerator<PublishEvent__Output, void, undefined>;
  updateImage(request: UpdateImageRequest, options: CallOptions): Promise<UpdateImageResponse__Output>;
  learn(request: LearnRequest, options: CallOptions): Promise<LearnResponse__Output>;
  /** Connected, or rejects with UNAVAILABLE: nothing has been sent then. */
  connect(options: CallOptions): Promise<void>;
  /** The same connection, for calls that came through these brokers, first to last; closing it closes nothing. */
  through(brokers: readonly string[]): PlantClient;
  close(): void;
}

/** Opens a client; connects only when it is used. INVALID_ARGUMENT when the address is none. */
export function openPlantClient(options: ChannelOptions): PlantClient {
  return clientOver(openChannel(options));
}

function clientOver(channel: Channel): PlantClient {
  const service = contracts().plant;
  return {
    address: channel.address,
    describe: (request, call) => channel.unary(service.Describe, request, call),
    bid: (request, call) => channel.unary(service.Bid, request, call),
    produce: (request, call) => channel.serverStream(service.Produce, request, call),
    status: (request, call) => channel.serverStream(service.Status, request, call),
    reserve: (request, call) => channel.unary(service.Reserve, request, call),
    claim: (request, call) => channel.unary(service.Claim, request, call),
    query: (request, call) => channel.unary(service.Query, request, call),
    list: (request, call) => channel.unary(service.List, request, call),
    collect: (request, call) => channel.unary(service.Collect, request, call),
    watch: (request, call) => channel.serverStream(service.Watch, request, call),
    images: (request, call) => channel.unary(service.Images, request, call),
    exec: (request, call) => channel.serverStream(service.Exec, request, call),
    console: (requests, call) => channel.bidi(service.Console, requests, call),
    publish: (request, call) => channel.serverStream(service.Publish, request, call),
    updateImage: (request, call) => channel.unary(service.UpdateImage, request, call),
    learn: (request, call) => channel.unary(service.Learn, request, call),
    connect: (call) => channel.connect(call),
    through: (brokers) =>
      clientOver({ ...channel.with({ [VIA_HEADER]: brokers.join(',') }), close: () => undefined }),
    close: () => channel.close(),
  };
}
