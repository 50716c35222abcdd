type Rule = readonly [pattern: RegExp, replacement: string];

const rules: readonly Rule[] = [
  [/conflict in package/g, 'package already exists and is different:'],
  [/, please specify explicitly/g, ''],
  // 1.5.0 often downloads with "grab".
  [/^Downloading (\S+)\.\.\.$/gm, 'Downloading: $1'],
  [/^(Success downloading|Error downloading|Retrying|Giving up on) .*\n/gm, ''],
  // Espejo takes an index that it has already, or that is empty, without fetching it.
  [/^Downloading: \S+\/(Packages|Sources)(\.\w+)?\n/gm, ''],
  [/,\s*"DownloadAppStream": false/g, ''],
  [/^Download AppStream: no\n/gm, ''],
  [/"Codename": "",\s*/g, ''],
  [/\n\s*"(MultiDist|SignedBy)": [^\n]*/g, ''],
  [/,\s*"Version": ""/g, ''],
  [/^(Cleaning up|opengpg: failure opening keyring) .*\n/gm, ''],
  [
    /^Publish for local repo (.*) has been successfully updated/gm,
    'Published local repository $1 has been updated successfully',
  ],
  [
    /^Publish for snapshot (.*) has been successfully switched to new snapshot/gm,
    'Published snapshot repository $1 has been successfully switched to new source',
  ],
  [/unable to update: published repo/g, 'unable to switch: published repo'],
  [/component (\S*) is not in published repository/g, 'component $1 does not exist in published repository'],
  [/unable to update: not a snapshot publish/g, 'unable to switch: not a published snapshot repository'],
];

/** What 1.5.0 says in the words of 1.6.3; what the newer one has more is left out. */
export function newWords(text: string): string {
  return rules.reduce((changed, [pattern, replacement]) => changed.replaceAll(pattern, replacement), text);
}
