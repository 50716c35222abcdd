import { mirrorJson, mirrorShowLines } from '../../../aptly/objects/mirror-text.ts';
import type { NamedPackage } from '../../../aptly/package-text.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { type MirrorView, packagesOfMirror, viewMirror } from '../../../mirror/mirrors.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

/** `mirror show` (spec/cli.md 4.3). */
export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  const [name = ''] = args;
  const withPackages = boolFlag(flags, 'with-packages');
  const { view, packages } = await withApp(invocation, (app) =>
    unable('unable to show', async () => {
      const view = await viewMirror(app, name);
      if (!withPackages) return { view, packages: undefined };
      const { listed } = await packagesOfMirror(app, name);
      return { view, packages: listed.map((member) => member.package) };
    }),
  );
  return { lines: boolFlag(flags, 'json') ? jsonLines(view, packages) : textLines(view, packages) };
};

function jsonLines(
  { mirror, updating }: MirrorView,
  packages: readonly NamedPackage[] | undefined,
): readonly string[] {
  return renderGoJson(mirrorJson(mirror, { packages, updating }), 2).split('\n');
}

function textLines(
  { mirror, packageCount, updating }: MirrorView,
  packages: readonly NamedPackage[] | undefined,
): readonly string[] {
  return mirrorShowLines(mirror, { packageCount, packages, updating });
}
