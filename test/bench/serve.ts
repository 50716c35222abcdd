import type { ChildProcess } from 'node:child_process';

/** The URL that a forked serve-upstream.ts tells. */
export function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolved, reject) => {
    server.once('message', (url) => resolved(String(url)));
    server.once('exit', (status) => reject(new Error(`the upstream ended with ${status}`)));
  });
}
