import type { AppOptions } from '../../app/app.ts';
import { waitNoticeMs } from '../../catalog/lock-holder.ts';
import type { EspejoConfig } from '../../config/config.ts';
import { type Invocation, stringFlag } from '../command.ts';
import { parseGoInteger } from './go-integer.ts';

type Waiting = Pick<AppOptions, 'lockRefusal' | 'onLockWait'> & Partial<Pick<AppOptions, 'lockWaitMs'>>;

/**
 * How long aptly's commands wait for another process on the same root: as long as aptly's attempts would take, ten seconds
 * each (spec/cli.md 1.6), unless `-lock-wait` says it; and how they tell that they wait and that it was in vain.
 */
export function aptlyWaiting(
  { flags, say }: Pick<Invocation, 'flags' | 'say'>,
  config: Pick<EspejoConfig, 'aptly'>,
): Waiting {
  return {
    ...(flags.has('lock-wait') ? {} : { lockWaitMs: attemptsOf(flags, config) * attemptMs }),
    lockRefusal: 'unable to reopen the DB, maximum number of retries reached',
    onLockWait: (remainingMs) => say(noticeFor(remainingMs)),
  };
}

const attemptMs = waitNoticeMs;
const defaultAttempts = 10;

/** The configured number; -1 leaves it to `-db-open-attempts`. */
function attemptsOf(flags: Invocation['flags'], { aptly }: Pick<EspejoConfig, 'aptly'>): number {
  const { databaseOpenAttempts } = aptly;
  if (databaseOpenAttempts !== -1) return Math.max(0, databaseOpenAttempts);
  const given = stringFlag(flags, 'db-open-attempts');
  return given === undefined
    ? defaultAttempts
    : Math.max(0, Number(parseGoInteger(given) ?? defaultAttempts));
}

function noticeFor(remainingMs: number): string {
  const seconds = Math.min(remainingMs, attemptMs) / 1000;
  const left = Math.ceil(remainingMs / attemptMs);
  return `Unable to open database, sleeping ${seconds}s, attempts left ${left}...`;
}
