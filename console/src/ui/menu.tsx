import { cloneElement } from 'react';
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { useOnDemand, usePopups } from './on-demand.ts';

export interface MenuProps {
  /** The button that opens it, named by itself. */
  trigger: ReactElement<ComponentProps<'button'>>;
  children: ReactNode;
  align?: 'start' | 'end';
  side?: 'top' | 'bottom';
}

/** Actions behind a button. */
export function Menu(props: MenuProps) {
  const { popups, button } = useOnDemand();
  if (popups !== null) return <popups.MenuPopup {...props} />;
  return cloneElement(props.trigger, { ...button, 'aria-haspopup': 'menu' });
}

export interface MenuItemProps {
  icon?: ReactNode;
  /** At the end of the line: a key, say. */
  aside?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** An action. */
export function MenuItem(props: MenuItemProps) {
  const popups = usePopups();
  return popups && <popups.MenuPopupItem {...props} />;
}

export interface MenuChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; icon?: ReactNode }[];
  onChange: (value: Value) => void;
}

/** One of several values, inside a menu. */
export function MenuChoice<Value extends string>(props: MenuChoiceProps<Value>) {
  const popups = usePopups();
  return popups && <popups.MenuPopupChoice {...props} />;
}

export function MenuSeparator() {
  const popups = usePopups();
  return popups && <popups.MenuPopupSeparator />;
}
