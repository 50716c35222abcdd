import { repoText } from '../../catalog/labels.ts';
import type { RepoObject, Uploaders } from '../../catalog/objects.ts';
import { type GoJson, goMap, renderGoJson } from '../../go/go-json.ts';
import { uploadersRuleJson } from '../../repo/uploaders.ts';
import { type NamedPackage, packageLabelsByBytes } from '../package-text.ts';
import { listing, type PackageFacts, packageLines } from './texts.ts';

/** `repo list`; the repositories in the order of their names. */
export function repoListLines(
  repos: readonly { readonly repo: RepoObject; readonly packageCount: number }[],
  program: string,
): readonly string[] {
  return listing({
    title: 'List of local repos:',
    items: repos.map(({ repo, packageCount }) => `${repoText(repo)} (packages: ${packageCount})`),
    hint: `To get more information about local repository, run \`${program} repo show <name>\`.`,
    none: `No local repositories found, create one with \`${program} repo create ...\`.`,
  });
}

/** `repo show` (spec/cli.md 5.4). */
export function repoShowLines(repo: RepoObject, { packageCount, packages }: PackageFacts): readonly string[] {
  return [
    `Name: ${repo.name}`,
    `Comment: ${repo.comment}`,
    `Default Distribution: ${repo.defaultDistribution}`,
    `Default Component: ${repo.defaultComponent}`,
    ...(repo.uploaders === null ? [] : [`Uploaders: ${renderGoJson(uploadersJson(repo.uploaders), 0)}`]),
    `Number of packages: ${packageCount}`,
    ...packageLines(packages),
  ];
}

/** The object of `repo list -json` and the API. */
export function repoJson(repo: RepoObject): { readonly [key: string]: GoJson } {
  return {
    Name: repo.name,
    Comment: repo.comment,
    DefaultDistribution: repo.defaultDistribution,
    DefaultComponent: repo.defaultComponent,
  };
}

/** The object of `repo show -json`: `Packages` is always there, empty without `-with-packages`. */
export function repoShowJson(repo: RepoObject, packages: readonly NamedPackage[] = []): GoJson {
  return { ...repoJson(repo), Packages: packageLabelsByBytes(packages) };
}

function uploadersJson({ groups, rules }: Uploaders): GoJson {
  return {
    groups: groups === null ? null : goMap(groups),
    rules: rules === null ? null : rules.map(uploadersRuleJson),
  };
}
