import { lazyRouteComponent } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { connection } from '../api/connection.ts';
import { Unreachable } from '../api/failure.ts';

/**
 * A page whose code is loaded when it is first opened. Where the network is the reason that it can't be loaded the error says
 * so: the router would load the whole console anew, and lose it.
 */
export function loadedPage(load: () => Promise<{ default: ComponentType }>) {
  return lazyRouteComponent(async () => {
    try {
      return await load();
    } catch (error) {
      if (navigator.onLine && connection.get() === 'online') throw error;
      throw new Unreachable('This page is not loaded yet.', { cause: error });
    }
  });
}
