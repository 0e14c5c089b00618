/** All that opens above the page, in one script: `on-demand.ts` loads it when the page is first touched. */
export { MenuPopup, MenuPopupChoice, MenuPopupItem, MenuPopupSeparator } from './menu-popup.tsx';
export { SelectPopup } from './select-popup.tsx';
export { ToastList } from './toast-list.tsx';
