import { type EspejoError, isEspejoError } from '../core/errors.ts';
import type { SyncResult } from '../mirror/sync.ts';
import { strict, syncMirrors } from '../mirror/sync-mirrors.ts';
import type { Job } from '../packages/events.ts';
import type { PublishResult } from '../publish/publish.ts';
import { publishAll } from '../publish/publish-configured.ts';
import type { App } from './app.ts';

/** One round of a daemon: what was done, and what went wrong with which mirror or publication. */
export type CycleResult = {
  readonly synced: readonly SyncResult[];
  readonly published: readonly PublishResult[];
  readonly failures: readonly CycleFailure[];
};

export type CycleFailure = {
  readonly subject: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
};

/**
 * Syncs every mirror, then publishes every publication. A mirror that fails keeps its last state and does not stop the
 * others: a fault of one upstream must not hold back the fixes of another.
 * @throws E_ABORTED, and what is not an EspejoError
 */
export async function runCycle(app: App, job: Job): Promise<CycleResult> {
  const synced: SyncResult[] = [];
  const published: PublishResult[] = [];
  const failures: CycleFailure[] = [];
  const attempt = async (subject: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isEspejoError(error) || job.signal.aborted) throw error;
      failures.push(failureOf(subject, error));
    }
  };
  for (const { name } of app.config.mirrors) {
    await attempt(`mirror ${name}`, async () => {
      synced.push(...(await syncMirrors(app, { mirrors: [name], force: false, relaxed: strict }, job)));
    });
  }
  for (const { name } of app.config.publications) {
    await attempt(`publication ${name}`, async () => {
      published.push(...(await publishAll(app, { publications: [name], force: false }, job)));
    });
  }
  return { synced, published, failures };
}

function failureOf(subject: string, { code, message, hint }: EspejoError): CycleFailure {
  return { subject, code, message, hint };
}
