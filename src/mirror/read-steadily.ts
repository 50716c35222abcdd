import { isEspejoError } from '../core/errors.ts';
import type { Event, Job } from '../packages/events.ts';

/** How a Release is asked for, and what it lists is read. */
type Reader<Asked, Found> = {
  readonly ask: (job: Job) => Promise<Asked>;
  /** SHA-256 of the Releases. */
  readonly idsOf: (asked: Asked) => readonly string[];
  readonly read: (asked: Asked) => Promise<Found>;
};

/**
 * Reads what Releases list. Indexes that do not fit their Release may come of an upstream that was changing meanwhile: when it
 * has another Release now, everything is read once more.
 * @param asked the Releases, as they were asked for first
 * @throws what `read` throws, and `ask`
 */
export async function readSteadily<Asked, Found>(
  asked: Asked,
  { ask, idsOf, read }: Reader<Asked, Found>,
  job: Job,
): Promise<Found> {
  try {
    return await read(asked);
  } catch (error) {
    if (job.signal.aborted || !isEspejoError(error, ...signsOfChange)) throw error;
    const events: Event[] = [];
    const now = await ask({ ...job, report: (event) => events.push(event) });
    const ids = idsOf(asked);
    if (idsOf(now).every((id, position) => id === ids[position])) throw error;
    const message = `${error.message}; the upstream has changed meanwhile, reading it again`;
    job.report({ type: 'warning', message });
    for (const event of events) job.report(event);
    return await read(now);
  }
}

const signsOfChange = [
  'E_FETCH_NOT_FOUND',
  'E_FETCH_STATUS',
  'E_DIGEST_MISMATCH',
  'E_SIZE_MISMATCH',
  'E_DECOMPRESS',
] as const;
