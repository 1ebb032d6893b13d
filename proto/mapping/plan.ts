import type { Plan, PlannedAction, Rejection, RejectionTest, Stage } from '../../model/plan.js';
import type { Plan__Output, Plan as PlanMessage } from '../gen/vmplants/v1/Plan.js';
import type {
  PlannedAction__Output,
  PlannedAction as PlannedMessage,
} from '../gen/vmplants/v1/PlannedAction.js';
import type { Rejection__Output, Rejection as RejectionMessage } from '../gen/vmplants/v1/Rejection.js';
import type { Stage__Output, Stage as StageMessage } from '../gen/vmplants/v1/Stage.js';
import { malformed } from './malformed.js';
import { rungFromText } from './rung.js';

/** A plan and whose it is: a plan itself does not know its plant. */
export interface PlanOfPlant {
  readonly plant: string;
  readonly plan: Plan;
}

export function planToMessage(plan: Plan, plant: string): PlanMessage {
  return {
    plant,
    orderDigest: plan.orderDigest,
    image: plan.image,
    rung: plan.rung,
    rungReason: plan.rungReason ?? '',
    performed: plan.performed.map(plannedToMessage),
    stages: plan.stages.map(stageToMessage),
    residualSeconds: plan.residualSeconds,
    savedSeconds: plan.savedSeconds,
    rejected: plan.rejected.map(rejectionToMessage),
    warnings: [...plan.warnings],
    prepared: plan.prepared,
    line: plan.line,
  };
}

/** DATA_LOSS when a field is not what the contract says. */
export function planFromMessage(message: Plan__Output): PlanOfPlant {
  return {
    plant: message.plant,
    plan: {
      orderDigest: message.orderDigest,
      image: message.image,
      rung: rungFromText(message.rung),
      ...(message.rungReason === '' ? {} : { rungReason: message.rungReason }),
      line: message.line,
      prepared: message.prepared,
      performed: message.performed.map(plannedFromMessage),
      stages: message.stages.map(stageFromMessage),
      residualSeconds: message.residualSeconds,
      savedSeconds: message.savedSeconds,
      rejected: message.rejected.map(rejectionFromMessage),
      warnings: message.warnings,
    },
  };
}

export function rejectionToMessage(rejection: Rejection): RejectionMessage {
  return {
    image: rejection.image,
    test: rejection.test,
    action: rejection.action ?? '',
    reason: rejection.reason,
  };
}

/** DATA_LOSS when the test is none that this version knows. */
export function rejectionFromMessage(message: Rejection__Output): Rejection {
  if (!isRejectionTest(message.test)) throw malformed('the test that an image failed', message.test);
  return {
    image: message.image,
    test: message.test,
    ...(message.action === '' ? {} : { action: message.action }),
    reason: message.reason,
  };
}

export function plannedToMessage(action: PlannedAction): PlannedMessage {
  return { name: action.name, key: action.key };
}

export function plannedFromMessage(message: PlannedAction__Output): PlannedAction {
  return { name: message.name, key: message.key };
}

function stageToMessage(stage: Stage): StageMessage {
  const actions = stage.kind === 'guest' ? stage.actions : [stage.action];
  return { kind: stage.kind, actions: actions.map(plannedToMessage) };
}

function stageFromMessage(message: Stage__Output): Stage {
  const actions = message.actions.map(plannedFromMessage);
  if (message.kind === 'guest') return { kind: 'guest', actions };
  const [action, ...others] = actions;
  if (message.kind !== 'host') throw malformed('the kind of a stage, expected guest or host', message.kind);
  if (action === undefined || others.length > 0) {
    throw malformed('a host stage, expected one action', `${actions.length} actions`);
  }
  return { kind: 'host', action };
}

const REJECTION_TESTS: Readonly<Record<RejectionTest, true>> = {
  hardware: true,
  'operating-system': true,
  line: true,
  network: true,
  subset: true,
  prefix: true,
  'partial-order': true,
  opaque: true,
  'max-age': true,
  devices: true,
  'saves-less': true,
};

function isRejectionTest(text: string): text is RejectionTest {
  return Object.hasOwn(REJECTION_TESTS, text);
}
