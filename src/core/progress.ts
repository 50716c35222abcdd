/** What a long operation tells while it works. Byte counts are of the body as it is stored. */
export type ProgressEvent =
  | { readonly type: 'phase'; readonly phase: Phase; readonly subject: string }
  | { readonly type: 'queue'; readonly files: number; readonly bytes: number }
  | { readonly type: 'fetch-start'; readonly url: string; readonly bytes: number | undefined }
  | { readonly type: 'fetch-progress'; readonly url: string; readonly bytes: number }
  | { readonly type: 'fetch-end'; readonly url: string; readonly bytes: number }
  | {
      readonly type: 'retry';
      readonly url: string;
      readonly attempt: number;
      readonly waitMs: number;
      readonly reason: string;
    }
  | { readonly type: 'next-url'; readonly url: string; readonly next: string; readonly reason: string }
  | { readonly type: 'note'; readonly message: string }
  | {
      readonly type: 'warning';
      readonly message: string;
      /** How many warnings it stands for; absent for one. */
      readonly count?: number;
      /** Why packages are left out, as many as it stands for; absent when it says something else. */
      readonly leftOut?: string;
    };

export type Phase =
  | 'release'
  | 'indexes'
  | 'select'
  | 'download'
  | 'commit'
  | 'render'
  | 'sign'
  | 'flip'
  | 'verify'
  | 'clean';

const types: Readonly<Record<ProgressEvent['type'], true>> = {
  phase: true,
  queue: true,
  'fetch-start': true,
  'fetch-progress': true,
  'fetch-end': true,
  retry: true,
  'next-url': true,
  note: true,
  warning: true,
};

/** Tells progress from the events of other rooms that go the same way. */
export function isProgress(event: { readonly type: string }): event is ProgressEvent {
  return Object.hasOwn(types, event.type);
}

export type Reporter = (event: ProgressEvent) => void;

/** How work can be stopped and watched; that of use-cases tells more (`packages/events.ts`). */
export type Job<Event = ProgressEvent> = {
  readonly signal: AbortSignal;
  readonly report: (event: Event) => void;
};
