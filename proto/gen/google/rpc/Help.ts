// Original file: proto/google/rpc/status.proto


export interface _google_rpc_Help_Link {
  'description'?: (string);
  'url'?: (string);
}

export interface _google_rpc_Help_Link__Output {
  'description': (string);
  'url': (string);
}

/**
 * What to do about a failure.
 */
export interface Help {
  'links'?: (_google_rpc_Help_Link)[];
}

/**
 * What to do about a failure.
 */
export interface Help__Output {
  'links': (_google_rpc_Help_Link__Output)[];
}
