// Original file: proto/vmplants/v1/vm.proto


export interface PlannedAction {
  'name'?: (string);
  'key'?: (string);
}

export interface PlannedAction__Output {
  'name': (string);
  'key': (string);
}
