import type { CloneSpec } from '../line.js';

/** What may be made to go wrong with a machine of the fake line. */
export type FakeFailure =
  /** The call of this name rejects with UNAVAILABLE. */
  | 'clone'
  | 'start'
  | 'deliver'
  | 'run'
  | 'addDevice'
  | 'freeze'
  | 'snapshot'
  | 'discard'
  /** The monitor ends by itself: as soon as the machine runs, or when its first action starts. */
  | 'ends-at-run'
  | 'ends-at-action'
  /** The guest never says anything. */
  | 'silent'
  /** The guest confirms the identity that it was frozen with in place of the one it was given. */
  | 'keeps-identity'
  /** The guest answers everything twice. */
  | 'answers-twice'
  /** The guest does not shut down when it is asked to. */
  | 'ignores-stop'
  /** The monitor hangs: `responds` is false, and the guest says nothing. */
  | 'hangs';

/** Decides by the machine's name, or anything else about it, what goes wrong with it; undefined for nothing. */
export type FailAt = (spec: CloneSpec) => FakeFailure | undefined;
