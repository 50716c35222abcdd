import type { ProgressEvent } from '../core/progress.ts';
import { formatBytes } from '../core/units.ts';
import { phaseWords } from './phase-words.ts';

/** An event as one line for people; undefined for those that only move a bar. */
export function eventText(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case 'phase':
      return `${event.subject}: ${phaseWords[event.phase]}`;
    case 'queue':
      return `Download queue: ${event.files} items (${formatBytes(event.bytes)})`;
    case 'fetch-start':
      return `Downloading: ${event.url}`;
    case 'retry':
      return `Retry ${event.attempt} in ${(event.waitMs / 1000).toFixed(1)} s: ${event.url} (${withoutUrl(event)})`;
    case 'next-url':
      return `Trying next: ${event.next} (${event.reason})`;
    case 'note':
      return event.message;
    case 'warning':
      return `warning: ${event.message}`;
    case 'fetch-progress':
    case 'fetch-end':
      return undefined;
  }
}

/** A reason that begins with the URL it is about, said beside that URL. */
function withoutUrl({ url, reason }: { readonly url: string; readonly reason: string }): string {
  return reason.startsWith(`${url}: `) ? reason.slice(url.length + 2) : reason;
}
