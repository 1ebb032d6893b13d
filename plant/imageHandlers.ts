import { invalidArgument } from '../model/errors.js';
import type { PublishEvent as PublishEventMessage } from '../proto/gen/vmplants/v1/PublishEvent.js';
import type { PublishRequest__Output } from '../proto/gen/vmplants/v1/PublishRequest.js';
import type { VMPlantHandlers } from '../proto/gen/vmplants/v1/VMPlant.js';
import { type ServerStreamHandler, serverStream, unary } from '../proto/handler.js';
import type { Logger } from '../proto/logger.js';
import { imageToMessage, quarantinedToMessage } from '../proto/mapping/image.js';
import { imageChangeFromMessage } from '../proto/mapping/imageChange.js';
import { learningToMessage } from '../proto/mapping/learning.js';
import { orderFromMachineRequest } from '../proto/mapping/machineRequest.js';
import { progressToMessage } from '../proto/mapping/progress.js';
import { publishRequestViolations, sharedFromText } from '../proto/mapping/publishRequest.js';
import type { ImageReport } from './imageReport.js';
import { learningSummary } from './learningSummary.js';
import type { Plant } from './plant.js';
import type { LiveWay, PublicationRequest, PublishEvent, RecipeWay } from './publish/publication.js';

/** The calls of the VMPlant service that are about golden images. */
export function createImageHandlers(
  plant: Plant,
  logger: Logger,
): Pick<VMPlantHandlers, 'Images' | 'Publish' | 'UpdateImage' | 'Learn'> {
  const publish: ServerStreamHandler<PublishRequest__Output, PublishEventMessage> = async function* (
    request,
    { signal },
  ) {
    const publication = publicationFromMessage(request);
    for await (const event of plant.publish(publication, signal)) {
      yield await publishEventToMessage(event, plant);
    }
  };
  return {
    Images: unary(async ({ clientDomain }) => {
      const reports = await plant.imageReports(clientDomain === '' ? undefined : clientDomain);
      return { images: reports.map((report) => reportToMessage(report, plant.name)) };
    }, logger),
    Publish: serverStream(publish, logger),
    UpdateImage: unary(async (request, { signal }) => {
      const report = await plant.updateImage(imageChangeFromMessage(request), signal);
      return { images: [reportToMessage(report, plant.name)] };
    }, logger),
    Learn: unary(async ({ dryRun }) => {
      const report = await plant.learn({ dryRun });
      return { reports: [learningToMessage(learningSummary(plant.name, report, plant.prepared()))] };
    }, logger),
  };
}

function publicationFromMessage(request: PublishRequest__Output): PublicationRequest {
  const violations = [...publishRequestViolations(request)];
  if (request.recipe?.document != null) {
    violations.push({
      field: 'recipe.document',
      description: 'expected a machine: documents are read by the shop',
    });
  }
  if (violations.length > 0) throw invalidArgument(violations);
  const { vmid, name, pinned } = request;
  return { vmid, name, pinned, shared: sharedFromText(request.shared) ?? 'no', way: wayFromMessage(request) };
}

function wayFromMessage({ live, recipe }: PublishRequest__Output): LiveWay | RecipeWay {
  if (live != null) {
    const { memory, scrub, keep } = live;
    return { kind: 'live', memory, keep, ...(scrub === '' ? {} : { scrub }) };
  }
  if (recipe?.machine == null) return { kind: 'recipe' };
  return { kind: 'recipe', order: orderFromMachineRequest(recipe.machine, 'recipe.machine') };
}

async function publishEventToMessage(event: PublishEvent, plant: Plant): Promise<PublishEventMessage> {
  if (event.kind === 'progress') return { progress: progressToMessage(event.progress) };
  const { image, opaqueKey, pausedSeconds, leftOut, scrubbed } = event.published;
  const report = (await plant.imageReports(undefined)).find(
    (one) => one.kind === 'usable' && one.image.name === image.name,
  );
  return {
    published: {
      image: report === undefined ? imageToMessage(image, plant.name) : reportToMessage(report, plant.name),
      opaqueKey: opaqueKey ?? '',
      pausedSeconds: pausedSeconds ?? 0,
      leftOut: [...leftOut],
      scrubbed: [...scrubbed],
    },
  };
}

function reportToMessage(report: ImageReport, plant: string): ReturnType<typeof imageToMessage> {
  if (report.kind === 'usable') return imageToMessage(report.image, plant, report);
  return quarantinedToMessage({ plant, name: report.name, problem: report.problem });
}
