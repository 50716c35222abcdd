const writing =
  '-batch -force-overwrite -gpg-key[] -keyring[] -multi-dist -passphrase="" -passphrase-file="" -secret-keyring="" -signed-by="" -skip-bz2 -skip-contents -skip-signing -version=""';
const publishing = `-acquire-by-hash -butautomaticupgrades="" -codename="" -component="" -distribution="" -label="" -notautomatic="" -origin="" -suite="" ${writing}`;
const staging = '-prefix="." -component=""';

/**
 * The specification (spec/cli.md of aptly 1.6.3) as data: each leaf command with its flags. `-name` is a boolean that is false,
 * `-name=""` a text, `-name=0` an int, `-name=0L` an int64, `-name[]` a list.
 */
export const specification: Readonly<Record<string, string>> = {
  'api serve': '-listen=":8080" -no-lock',
  'config show': '-yaml',
  'db cleanup': '-dry-run -verbose',
  'db recover': '',
  graph: '-format="png" -layout="horizontal" -output=""',
  'mirror create':
    '-filter="" -filter-with-deps -force-architectures -force-components -ignore-signatures -keyring[] -max-tries=1 -with-appstream -with-installer -with-sources -with-udebs',
  'mirror drop': '-force',
  'mirror edit':
    '-archive-url="" -filter="" -filter-with-deps -ignore-signatures -keyring[] -with-appstream -with-installer -with-sources -with-udebs',
  'mirror list': '-json -raw',
  'mirror rename': '',
  'mirror search': '-with-deps -format=""',
  'mirror show': '-json -with-packages',
  'mirror update':
    '-download-limit=0L -downloader="default" -force -ignore-checksums -ignore-signatures -keyring[] -latest -max-tries=1 -skip-existing-packages',
  'package search': '-format=""',
  'package show': '-with-files -with-references',
  'publish drop': '-force-drop -skip-cleanup',
  'publish list': '-json -raw',
  'publish repo': publishing,
  'publish show': '-json',
  'publish snapshot': publishing,
  'publish source add': staging,
  'publish source drop': staging,
  'publish source list': `${staging} -json`,
  'publish source remove': staging,
  'publish source replace': staging,
  'publish source update': staging,
  'publish switch': `-component="" -skip-cleanup ${writing}`,
  'publish update': `-label="" -origin="" -skip-cleanup ${writing}`,
  'repo add': '-force-replace -remove-files',
  'repo copy': '-dry-run -with-deps',
  'repo create': '-comment="" -component="main" -distribution="" -uploaders-file=""',
  'repo drop': '-force',
  'repo edit': '-comment="" -component="" -distribution="" -uploaders-file=""',
  'repo import': '-dry-run -with-deps',
  'repo include':
    '-accept-unsigned -force-replace -ignore-signatures -keyring[] -no-remove-files -repo="{{.Distribution}}" -uploaders-file=""',
  'repo list': '-json -raw',
  'repo move': '-dry-run -with-deps',
  'repo remove': '-dry-run',
  'repo rename': '',
  'repo search': '-with-deps -format=""',
  'repo show': '-json -with-packages',
  serve: '-listen=":8080"',
  'snapshot create': '',
  'snapshot diff': '-only-matching',
  'snapshot drop': '-force',
  'snapshot filter': '-with-deps',
  'snapshot list': '-json -raw -sort="name"',
  'snapshot merge': '-latest -no-remove',
  'snapshot pull': '-all-matches -dry-run -no-deps -no-remove',
  'snapshot rename': '',
  'snapshot search': '-with-deps -format=""',
  'snapshot show': '-json -with-packages',
  'snapshot verify': '',
  'task run': '-filename=""',
  version: '',
};

/** The 9 flags that every command has. */
export const globals =
  '-architectures="" -config="" -db-open-attempts=10 -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider=""';
