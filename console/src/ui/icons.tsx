import type { ReactNode } from 'react';

export interface IconProps {
  className?: string;
}

/**
 * Makes an icon on a 24 × 24 grid, in the colour of the text beside it and hidden from screen readers: the control names
 * itself. Drawn here, since lucide-react is 51 MB in 4,868 files in every install for the forty that we show.
 */
function icon(paths: ReactNode) {
  return function Icon({ className = 'size-4' }: IconProps) {
    return (
      <svg
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        className={`shrink-0 ${className}`}
      >
        {paths}
      </svg>
    );
  };
}

export const LogoIcon = icon(<path d="M3 7l4.2 10L12 7l4.8 10L21 7" strokeWidth="2.4" />);
export const PlaygroundIcon = icon(<path d="M4 5h16v11H9l-4 4v-4H4zM8.5 9.5h7M8.5 12.5h4" />);
export const CompareIcon = icon(<path d="M4 4h6.5v16H4zM13.5 4H20v16h-6.5z" />);
export const ModelsIcon = icon(<path d="M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9" />);
export const UsageIcon = icon(<path d="M4 20h16M7 16v-5M12 16V5M17 16v-8" />);
export const LogsIcon = icon(<path d="M4 6h16M4 12h10M4 18h13" />);
export const KeyIcon = icon(
  <>
    <circle cx="8" cy="15" r="4" />
    <path d="M11 12l8-8M16 7l3 3" />
  </>,
);
export const AdminKeyIcon = icon(
  <>
    <path d="M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6z" />
    <circle cx="12" cy="10" r="2" />
    <path d="M12 12v4.5" />
  </>,
);
export const ProjectsIcon = icon(<path d="M3 6h6l2 2.5h10V19H3z" />);
export const MembersIcon = icon(
  <>
    <circle cx="9" cy="8" r="3.5" />
    <path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.8a3.5 3.5 0 010 6.4M18 14.5c2 .9 3.2 2.7 3.5 5.5" />
  </>,
);
export const LimitsIcon = icon(<path d="M4 17a8 8 0 1116 0M12 17l4-6" />);
export const AuditIcon = icon(
  <path d="M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6zM9 12l2.2 2.2L15.5 10" />,
);
export const DocsIcon = icon(
  <path d="M12 7c-2-2-5-2-8-2v13c3 0 6 0 8 2 2-2 5-2 8-2V5c-3 0-6 0-8 2zM12 7v13" />,
);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="M20 20l-4.3-4.3" />
  </>,
);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const CheckIcon = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const ChevronDownIcon = icon(<path d="M6 9l6 6 6-6" />);
export const ChevronLeftIcon = icon(<path d="M15 6l-6 6 6 6" />);
export const ChevronRightIcon = icon(<path d="M9 6l6 6-6 6" />);
export const MenuIcon = icon(<path d="M4 7h16M4 12h16M4 17h16" />);
export const MoreIcon = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="2.6" />);
export const CopyIcon = icon(<path d="M9 9h11v11H9zM15 9V4H4v11h5" />);
export const EditIcon = icon(<path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3" />);
export const RetryIcon = icon(<path d="M20 12a8 8 0 11-2.5-5.8L20 8.5M20 4v4.5h-4.5" />);
export const TrashIcon = icon(<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" />);
export const BranchIcon = icon(
  <>
    <circle cx="6" cy="6" r="2.2" />
    <circle cx="6" cy="18" r="2.2" />
    <circle cx="18" cy="8" r="2.2" />
    <path d="M6 8.2v7.6M18 10.2c0 4-6 3-11 6" />
  </>,
);
export const SendIcon = icon(<path d="M12 19V5M6 11l6-6 6 6" strokeWidth="2.2" />);
export const StopIcon = icon(<path d="M7 7h10v10H7z" fill="currentColor" />);
export const CodeIcon = icon(<path d="M8 8l-4 4 4 4M16 8l4 4-4 4M13.5 5l-3 14" />);
export const ShareIcon = icon(<path d="M12 15V4M8 8l4-4 4 4M5 12v8h14v-8" />);
export const ImageIcon = icon(
  <>
    <path d="M4 5h16v14H4zM4 16l4.5-4.5L13 16l2.5-2.5L20 18" />
    <circle cx="15" cy="9.5" r="1.3" />
  </>,
);
export const SettingsIcon = icon(
  <>
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
    <circle cx="15" cy="7" r="2" />
    <circle cx="9" cy="17" r="2" />
  </>,
);
export const HistoryIcon = icon(<path d="M4 12a8 8 0 108-8 8 8 0 00-7 4M4 4v4.5h4.5M12 8v4.5l3 1.8" />);
export const DownloadIcon = icon(<path d="M12 4v11M8 11l4 4 4-4M5 20h14" />);
export const WarningIcon = icon(<path d="M12 4l9 16H3zM12 10v4.5M12 17.3v.2" />);
export const InfoIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 11v5.5M12 7.8v.2" />
  </>,
);
export const OfflineIcon = icon(
  <path d="M4 4l16 16M8.5 15.5a5 5 0 016.5-.5M5 12a10 10 0 014-2.5M19 12a10 10 0 00-6-2.9M12 19.5h.01" />,
);
export const UserIcon = icon(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20.5c.6-4.3 3.5-6.5 7.5-6.5s6.9 2.2 7.5 6.5" />
  </>,
);
export const SignOutIcon = icon(<path d="M14 4H5v16h9M10 12h10M16.5 8.5L20 12l-3.5 3.5" />);
export const SunIcon = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4" />
  </>,
);
export const MoonIcon = icon(<path d="M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z" />);
export const ToolIcon = icon(
  <path d="M14.5 6.5a4 4 0 015-1.5l-2.5 2.5 1.5 2L21 9a4 4 0 01-5.5 4L8 20.5 4.5 17 12 9.5a4 4 0 01.5-3z" />,
);
export const ExternalIcon = icon(<path d="M13 5h6v6M19 5l-9 9M16 14v5H5V8h5" />);
