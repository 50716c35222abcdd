import type { ReadStream } from 'node:tty';
import { abortedError, throwIfAborted } from '../core/abort.ts';
import { EspejoError } from '../core/errors.ts';
import type { KeyFacts } from '../openpgp/contract.ts';

type Terminal = Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

type Asking = {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Standard input by default. */
  readonly input?: Terminal;
};

/**
 * Asks at the terminal for the passphrase of a key; what is typed is not shown.
 * @throws E_KEY_PASSPHRASE in aptly's words when there is no terminal; E_ABORTED, also by Ctrl-C
 */
export async function askPassphrase(key: KeyFacts, attempt: number, asking: Asking): Promise<string> {
  const { say, signal, input = process.stdin } = asking;
  if (!input.isTTY) {
    throw new EspejoError(
      'E_KEY_PASSPHRASE',
      'key is locked with passphrase, but no passphrase was given in batch mode',
      { hint: 'give it with -passphrase-file' },
    );
  }
  if (attempt === 1) for (const line of description(key)) say(line);
  else say('Wrong passphrase, please try again.');
  say('Enter passphrase:');
  return await readHidden(input, signal);
}

function description({ userIds, algorithm, keyId, createdAt }: KeyFacts): readonly string[] {
  const [first = keyId, ...others] = userIds;
  return [
    `openpgp: Passphrase is required to unlock private key "${first}"`,
    ...others.map((userId) => `${' '.repeat(44)}aka "${userId}"`),
    `openpgp: ${algorithm} key, ID ${keyId}, created ${createdAt.toISOString().slice(0, 10)}`,
  ];
}

const controls = { interrupt: '\u0003', endOfFile: '\u0004', erase: ['\u007f', '\b'] } as const;

async function readHidden(input: Terminal, signal: AbortSignal): Promise<string> {
  throwIfAborted(signal);
  return await new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (settle: () => void): void => {
      input.off('data', onData);
      signal.removeEventListener('abort', onAbort);
      input.setRawMode(false);
      input.pause();
      settle();
    };
    const onAbort = (): void => end(() => reject(abortedError(signal)));
    const onData = (chunk: Buffer): void => {
      for (const letter of chunk.toString('utf8')) {
        if (letter === '\r' || letter === '\n' || letter === controls.endOfFile) {
          end(() => resolve(typed.join('')));
          return;
        }
        if (letter === controls.interrupt) {
          end(() => reject(new EspejoError('E_ABORTED', 'stopped at the question for a passphrase')));
          return;
        }
        typed = (controls.erase as readonly string[]).includes(letter)
          ? typed.slice(0, -1)
          : [...typed, letter];
      }
    };
    input.setRawMode(true);
    input.on('data', onData);
    signal.addEventListener('abort', onAbort);
    input.resume();
  });
}
