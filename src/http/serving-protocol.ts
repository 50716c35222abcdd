import type { ErrorFacts } from '../core/error-facts.ts';
import type { Journal, JournalFacts } from '../core/journal.ts';
import type { Readiness } from './health-routes.ts';
import type { SiteFacts } from './site-facts.ts';

/** What a process that answers requests cannot know by itself, by the question. */
export type Answers = { readonly site: SiteFacts; readonly ready: Readiness };
export type Question = keyof Answers;

/** To a process that answers requests. */
export type Order =
  | {
      readonly type: 'start';
      readonly publicDirectory: string;
      readonly address: string;
      readonly logRequests: boolean;
      /** Bytes. */
      readonly memory: number | undefined;
    }
  | { readonly type: 'close'; readonly graceMs: number }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[Question] }
  | ({ readonly type: 'refusal'; readonly id: number } & ErrorFacts);

/** From it. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'listening'; readonly url: string }
  | ({ readonly type: 'failed' } & ErrorFacts)
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | {
      readonly type: 'journal';
      readonly level: Exclude<keyof Journal, 'request'>;
      readonly event: string;
      readonly message: string;
      readonly facts: JournalFacts;
    }
  | { readonly type: 'request'; readonly facts: JournalFacts };
