import { IMAGE_TYPES } from '#contract/entities/session.ts';
import type { FieldError } from '#contract/errors.ts';
import type { ImageType, PackageName } from './packages.ts';
import { packageOf } from './packages.ts';

export type { ImageType };

/** The meaning of an image type. */
export interface Image {
  /** Name within the deployment's registry (or its mirror of the public one). */
  readonly repository: string;
  readonly tag: string;
  /** Programs that a user of this image expects. If no image is run, a warning names those that the host lacks. */
  readonly programs: readonly string[];
}

const ALPINE: Image = { repository: 'alpine', tag: '3.22', programs: [] };
const UBUNTU: Image = { repository: 'ubuntu', tag: '24.04', programs: ['apt-get'] };
const PYTHON: Image = { repository: 'python', tag: '3.13-slim', programs: ['python3', 'pip'] };
const NODEJS: Image = { repository: 'node', tag: '24-slim', programs: ['node', 'npm'] };
const GO: Image = { repository: 'golang', tag: '1.25', programs: ['go'] };
const RUST: Image = { repository: 'rust', tag: '1-slim', programs: ['rustc', 'cargo'] };
const JAVA: Image = { repository: 'eclipse-temurin', tag: '21', programs: ['java', 'javac'] };
const JUPYTER: Image = { repository: 'jupyter/base-notebook', tag: 'latest', programs: ['python3', 'pip', 'jupyter'] };
const CUDA: Image = { repository: 'nvidia/cuda', tag: '12.6.3-runtime-ubuntu24.04', programs: ['nvidia-smi'] };

/** Every image type but `custom`, whose reference the user gives. The tiered names are other names for the same images. */
export const IMAGES: Readonly<Record<Exclude<ImageType, 'custom'>, Image>> = {
  alpine: ALPINE,
  ubuntu: UBUNTU,
  python: PYTHON,
  nodejs: NODEJS,
  go: GO,
  rust: RUST,
  java: JAVA,
  alpine_basic: ALPINE,
  python_basic: PYTHON,
  ubuntu_pro: UBUNTU,
  python_pro: PYTHON,
  nodejs_pro: NODEJS,
  go_pro: GO,
  rust_pro: RUST,
  python_enterprise: PYTHON,
  jupyter_enterprise: JUPYTER,
  cuda_enterprise: CUDA,
  java_enterprise: JAVA,
};

/** Templates whose name is not an image type. */
const TEMPLATES: Readonly<Record<string, ImageType>> = {
  node: 'nodejs',
  javascript: 'nodejs',
  typescript: 'nodejs',
  golang: 'go',
  jupyter: 'jupyter_enterprise',
  cuda: 'cuda_enterprise',
};

const isImageType = (name: string): name is ImageType => IMAGE_TYPES.some((type) => type === name);

/** The image of a template; null if it has none, because a template may be any word. */
export const templateImage = (template: string): ImageType | null => {
  const name = template.toLowerCase();
  if (name !== 'custom' && isImageType(name)) return name;
  return Object.hasOwn(TEMPLATES, name) ? (TEMPLATES[name] ?? null) : null;
};

/** The image of a session that requests none: that of its template, otherwise that of its package. */
export const defaultImage = (template: string | null | undefined, packageName: PackageName): ImageType =>
  (template ? templateImage(template) : null) ?? packageOf(packageName).default_image;

export interface ImageRequest {
  readonly image_type?: string | null | undefined;
  readonly image_url?: string | null | undefined;
  readonly image_tag?: string | null | undefined;
}

/** As ports/compute has it: `url` and `tag` null where the type's own are meant. */
export interface ResolvedImage {
  readonly type: ImageType;
  readonly url: string | null;
  readonly tag: string | null;
}

export type ImageResult =
  | { readonly ok: true; readonly image: ResolvedImage }
  | { readonly ok: false; readonly error: FieldError };

/** image_spec over template over package. A reference alone makes the image `custom`. */
export const resolveImage = (
  spec: ImageRequest | null | undefined,
  template: string | null | undefined,
  packageName: PackageName,
): ImageResult => {
  const asked = spec?.image_type ?? null;
  const url = spec?.image_url ?? null;
  if (asked !== null && !isImageType(asked)) {
    const message = `"${asked}" is not one of ${IMAGE_TYPES.join(', ')}`;
    return { ok: false, error: { field: 'image_spec.image_type', message } };
  }
  if (asked === 'custom' && url === null) {
    return { ok: false, error: { field: 'image_spec.image_url', message: 'is needed where image_type is custom' } };
  }
  if (asked !== null && asked !== 'custom' && url !== null) {
    const message = `cannot stand beside image_type ${asked}: leave one out, or make the type custom`;
    return { ok: false, error: { field: 'image_spec.image_url', message } };
  }
  const type = asked ?? (url !== null ? 'custom' : defaultImage(template, packageName));
  return { ok: true, image: { type, url, tag: spec?.image_tag ?? null } };
};

/** `repository:tag` of a type, or the user's own reference; a tag given apart replaces none that the reference has. */
export const imageReference = (image: ResolvedImage): string => {
  if (image.type !== 'custom') {
    const { repository, tag } = IMAGES[image.type];
    return `${repository}:${image.tag ?? tag}`;
  }
  const url = image.url ?? '';
  const tagged = url.includes('@') || url.slice(url.lastIndexOf('/') + 1).includes(':');
  return image.tag === null || tagged ? url : `${url}:${image.tag}`;
};
