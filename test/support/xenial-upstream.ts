import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startUpstream, type Upstream } from './upstream.ts';
import { xenialDirectory } from './xenial.ts';

/** States that one machine saw together, oldest first (README.md of the data). */
export const xenialStates: readonly (readonly string[])[] = [
  ['20161030T064014Z', '20161028T101616Z', '20161030T115400Z'],
  ['20161101T082051Z', '20161028T101616Z', '20161031T085743Z'],
  ['20161102T015800Z', '20161102T004941Z', '20161031T085743Z'],
  ['20161110T192648Z', '20161110T124106Z', '20161107T022011Z'],
  ['20161113T005444Z', '20161111T082619Z', '20161112T085311Z'],
];

export type XenialUpstream = Upstream & {
  /** Turns the archive to one of {@link xenialStates}. */
  turnTo(state: number): void;
};

/** The genuine archive on loopback, in its first state. */
export async function startXenial(): Promise<XenialUpstream> {
  const directories: string[] = [];
  const files = new Map<string, Buffer>();
  const upstream = await startUpstream({ directories, files });
  const turnTo = (state: number): void => {
    const layers = (xenialStates[state] ?? []).map((name) => join(xenialDirectory, 'states', name));
    const roots = [...layers, join(xenialDirectory, 'ubuntu')];
    directories.splice(0, directories.length, ...roots);
    files.clear();
    for (const root of roots) {
      for (const suite of readdirSync(join(root, 'dists'))) {
        // InRelease files have one size in all states, and a checkout may give them one time: their tag is their digest.
        files.set(`/dists/${suite}/InRelease`, readFileSync(join(root, 'dists', suite, 'InRelease')));
      }
    }
  };
  turnTo(0);
  return { ...upstream, turnTo };
}
