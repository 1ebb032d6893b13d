import type { ImageSource } from '../parts.js';

/** A warehouse's images of which some can be taken out of the sight of whoever plans. */
export interface HidingImages extends ImageSource {
  /**
   * From this call on nobody who asks is given the image. Whoever reserves in the tick in which it plans can so not
   * choose an image that is being removed.
   */
  hide(name: string): void;
  /** Ends it. */
  show(name: string): void;
}

export function hidingImages(source: ImageSource): HidingImages {
  const hidden = new Set<string>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  return {
    images: () =>
      hidden.size === 0
        ? source.images()
        : source.images().filter(({ descriptor }) => !hidden.has(descriptor.name)),
    get: (name) => (hidden.has(name) ? undefined : source.get(name)),
    onChange: (listener) => {
      // A function of its own, so that the same listener may be given twice.
      const told = (): void => listener();
      listeners.add(told);
      const unsubscribe = source.onChange(told);
      return () => {
        listeners.delete(told);
        unsubscribe();
      };
    },
    hide: (name) => {
      hidden.add(name);
      tell();
    },
    show: (name) => {
      if (hidden.delete(name)) tell();
    },
  };
}
