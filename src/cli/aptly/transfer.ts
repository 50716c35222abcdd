import { about, isEspejoError } from '../../core/errors.ts';
import { type Transfer, transferPackages } from '../../repo/repo-packages.ts';
import { boolFlag, type Handler } from '../command.ts';
import { withApp } from '../session.ts';
import { architecturesOf, followOf } from './dependency-flags.ts';
import { readQueries } from './query-argument.ts';
import { dryRunLines } from './repo-lines.ts';

/** The handler of `repo copy`, `move` or `import`. */
export function transferHandler(kind: Transfer['kind']): Handler {
  return async (invocation) => {
    const { args, flags } = invocation;
    const [source = '', destination = '', ...queries] = args;
    const dryRun = boolFlag(flags, 'dry-run');
    const taken = await withApp(invocation, (app, job) =>
      unableTo(kind, async () =>
        transferPackages(
          app,
          {
            kind,
            source,
            destination,
            queries: await readQueries(queries, invocation),
            dependencies: boolFlag(flags, 'with-deps')
              ? {
                  architectures: architecturesOf(flags, app.config),
                  follow: followOf(flags, app.config),
                }
              : undefined,
            dryRun,
          },
          job,
        ),
      ),
    );
    const done = verbs[kind];
    return {
      lines: [
        ...taken.map((member) => `[o] ${member.package.label} ${done}`),
        ...(dryRun ? dryRunLines : []),
      ],
    };
  };
}

const verbs = { copy: 'copied', move: 'moved', import: 'imported' } as const;

/** aptly says this one thing without the verb before it. */
async function unableTo<Result>(verb: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isEspejoError(error, 'E_NO_ARCHITECTURES') ? error : about(`unable to ${verb}`, error);
  }
}
