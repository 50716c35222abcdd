import type { PublicationObject, SnapshotObject } from '../catalog/objects.ts';
import type { Job as CoreJob, ProgressEvent } from '../core/progress.ts';
import type { Dependency } from './satisfaction.ts';

/** All that use-cases tell while they work: plain data, in one closed union. Each room adds what it tells. */
export type Event = ProgressEvent | DomainEvent;

/** What is not progress: what happens to packages, objects and published trees, in the order in which it happens. */
export type DomainEvent =
  | LoadingEvent
  | ResolutionEvent
  | MirrorEvent
  | RepoEvent
  | PullEvent
  | PublishEvent
  | CleanupEvent;

/** How every use-case can be stopped and watched. */
export type Job = CoreJob<Event>;

/** Packages are about to be loaded, or, with their number, looked through. */
export type LoadingEvent = { readonly type: 'loading'; readonly packages?: number };

/** The decisions of the resolver; packages by their labels. */
export type ResolutionEvent =
  | { readonly type: 'dependencies-missing'; readonly dependencies: readonly Dependency[] }
  | {
      readonly type: 'dependency-satisfied';
      readonly dependency: Dependency;
      readonly by: readonly string[];
    }
  | { readonly type: 'dependency-added'; readonly dependency: Dependency; readonly package: string }
  | { readonly type: 'dependency-unsatisfied'; readonly dependency: Dependency };

/** What an update of a mirror tells on its way; also `dependency-…`, where its filter follows dependencies. */
export type MirrorEvent =
  /** A file is about to be fetched; its URL without user and password. */
  | { readonly type: 'downloading'; readonly url: string }
  | { readonly type: 'reading-indexes' }
  /** An index has a package once more, with other files. */
  | { readonly type: 'duplicate'; readonly package: string }
  /** What is wrong and will do nevertheless. */
  | { readonly type: 'tolerated'; readonly message: string }
  | { readonly type: 'filtering' }
  | { readonly type: 'filtered'; readonly from: number; readonly to: number }
  | { readonly type: 'queueing' }
  | { readonly type: 'download-queue'; readonly files: number; readonly bytes: number };

/** What happens to files that are to be added to a repository. */
export type RepoEvent =
  | { readonly type: 'package-added' | 'package-replaced'; readonly package: string }
  | { readonly type: 'file-failed'; readonly path: string; readonly reason: string }
  /** An upload was verified; it goes to a repository if that is there and its rules let it in. */
  | { readonly type: 'upload'; readonly repo: string; readonly changes: string };

/** What a pull is about, and then what it changes. */
export type PullEvent =
  | {
      readonly type: 'pull';
      readonly into: SnapshotObject;
      readonly from: SnapshotObject;
      readonly name: string;
    }
  | { readonly type: 'pulled'; readonly change: 'added' | 'removed'; readonly package: string };

/** What happens to publications. */
export type PublishEvent =
  /** `empty`: a source has no packages; `overwriting`: files of other publications may be replaced. */
  | { readonly type: 'publish'; readonly step: 'empty' | 'overwriting' | 'generating' | 'finalizing' }
  /** A path of an endpoint as people call it. */
  | { readonly type: 'unpublish'; readonly name: string }
  /** What nothing needs any more is about to be removed: of a publication, or of one of its components. */
  | { readonly type: 'publication-cleaning'; readonly publication: string }
  | { readonly type: 'component-cleaning'; readonly component: string }
  | { readonly type: 'staging-cleared' }
  | {
      readonly type: 'component-staged';
      readonly change: 'adding' | 'updating' | 'removing';
      readonly component: string;
      readonly source: string;
      readonly sourceKind: PublicationObject['sourceKind'];
    };

/** What a cleaning tells on its way, in this order. */
export type CleanupEvent =
  /** Published states past their time, and the names of the snapshots that espejo had made for them. */
  | {
      readonly type: 'retired';
      readonly generations: readonly { readonly publication: string; readonly id: string }[];
      readonly snapshots: readonly string[];
    }
  /** What refers to packages, by name. */
  | {
      readonly type: 'objects';
      readonly mirrors: readonly string[];
      readonly repos: readonly string[];
      readonly snapshots: readonly string[];
      readonly publications: readonly PublicationObject[];
    }
  /** Keys of packages that go, sorted. */
  | { readonly type: 'unused-packages'; readonly keys: readonly string[] }
  /** Paths of the files of the pool that go, sorted. */
  | { readonly type: 'unused-files'; readonly paths: readonly string[] }
  /** The files are gone. */
  | { readonly type: 'freed'; readonly bytes: number }
  /** The catalog is about to be compacted. */
  | { readonly type: 'compacting' };
