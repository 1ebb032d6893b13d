import { type MessagePort, parentPort } from 'node:worker_threads';
import { type DecisionData, decideOnData } from './decide/decisionData.js';
import type { LearningDecision } from './decide/learning.js';

/** What the thread is told: a large input in parts, so that no message takes long to be written; the rest at last. */
export type ToDecisionThread =
  | { readonly kind: 'history'; readonly part: DecisionData['history'] }
  | { readonly kind: 'images'; readonly part: DecisionData['images'] }
  | { readonly kind: 'seconds'; readonly part: readonly (readonly [key: string, seconds: number])[] }
  | { readonly kind: 'decide'; readonly rest: Omit<DecisionData, 'history' | 'images' | 'seconds'> };

export type FromDecisionThread =
  | { readonly kind: 'decision'; readonly decision: LearningDecision }
  | { readonly kind: 'failure'; readonly message: string };

/** The program of the thread that decides: decides once, on what it was told. */
function serve(port: MessagePort): void {
  const history: DecisionData['history'][number][] = [];
  const images: DecisionData['images'][number][] = [];
  const seconds = new Map<string, number>();
  const answer = (message: FromDecisionThread): void => port.postMessage(message);
  port.on('message', (message: ToDecisionThread) => {
    switch (message.kind) {
      case 'history':
        history.push(...message.part);
        return;
      case 'images':
        images.push(...message.part);
        return;
      case 'seconds':
        for (const [key, value] of message.part) seconds.set(key, value);
        return;
      case 'decide':
        try {
          answer({
            kind: 'decision',
            decision: decideOnData({ ...message.rest, history, images, seconds }),
          });
        } catch (error) {
          answer({ kind: 'failure', message: error instanceof Error ? error.message : 'failed' });
        }
    }
  });
}

// This file is a thread's program, as main.ts is a process's.
if (parentPort !== null) serve(parentPort);
