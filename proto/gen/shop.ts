import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Accepted as _vmplants_v1_Accepted, Accepted__Output as _vmplants_v1_Accepted__Output } from './vmplants/v1/Accepted.js';
import type { Action as _vmplants_v1_Action, Action__Output as _vmplants_v1_Action__Output } from './vmplants/v1/Action.js';
import type { ActionFailure as _vmplants_v1_ActionFailure, ActionFailure__Output as _vmplants_v1_ActionFailure__Output } from './vmplants/v1/ActionFailure.js';
import type { AddDisk as _vmplants_v1_AddDisk, AddDisk__Output as _vmplants_v1_AddDisk__Output } from './vmplants/v1/AddDisk.js';
import type { AddNetworkInterface as _vmplants_v1_AddNetworkInterface, AddNetworkInterface__Output as _vmplants_v1_AddNetworkInterface__Output } from './vmplants/v1/AddNetworkInterface.js';
import type { AttachIso as _vmplants_v1_AttachIso, AttachIso__Output as _vmplants_v1_AttachIso__Output } from './vmplants/v1/AttachIso.js';
import type { Auction as _vmplants_v1_Auction, Auction__Output as _vmplants_v1_Auction__Output } from './vmplants/v1/Auction.js';
import type { BakeProposal as _vmplants_v1_BakeProposal, BakeProposal__Output as _vmplants_v1_BakeProposal__Output } from './vmplants/v1/BakeProposal.js';
import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from './vmplants/v1/Bid.js';
import type { BidsRequest as _vmplants_v1_BidsRequest, BidsRequest__Output as _vmplants_v1_BidsRequest__Output } from './vmplants/v1/BidsRequest.js';
import type { BidsResponse as _vmplants_v1_BidsResponse, BidsResponse__Output as _vmplants_v1_BidsResponse__Output } from './vmplants/v1/BidsResponse.js';
import type { Classad as _vmplants_v1_Classad, Classad__Output as _vmplants_v1_Classad__Output } from './vmplants/v1/Classad.js';
import type { ClassadAttribute as _vmplants_v1_ClassadAttribute, ClassadAttribute__Output as _vmplants_v1_ClassadAttribute__Output } from './vmplants/v1/ClassadAttribute.js';
import type { ClassadList as _vmplants_v1_ClassadList, ClassadList__Output as _vmplants_v1_ClassadList__Output } from './vmplants/v1/ClassadList.js';
import type { ClassadValue as _vmplants_v1_ClassadValue, ClassadValue__Output as _vmplants_v1_ClassadValue__Output } from './vmplants/v1/ClassadValue.js';
import type { CollectResponse as _vmplants_v1_CollectResponse, CollectResponse__Output as _vmplants_v1_CollectResponse__Output } from './vmplants/v1/CollectResponse.js';
import type { ConsoleInput as _vmplants_v1_ConsoleInput, ConsoleInput__Output as _vmplants_v1_ConsoleInput__Output } from './vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput as _vmplants_v1_ConsoleOutput, ConsoleOutput__Output as _vmplants_v1_ConsoleOutput__Output } from './vmplants/v1/ConsoleOutput.js';
import type { CostComponent as _vmplants_v1_CostComponent, CostComponent__Output as _vmplants_v1_CostComponent__Output } from './vmplants/v1/CostComponent.js';
import type { CreateEvent as _vmplants_v1_CreateEvent, CreateEvent__Output as _vmplants_v1_CreateEvent__Output } from './vmplants/v1/CreateEvent.js';
import type { CreateRequest as _vmplants_v1_CreateRequest, CreateRequest__Output as _vmplants_v1_CreateRequest__Output } from './vmplants/v1/CreateRequest.js';
import type { Document as _vmplants_v1_Document, Document__Output as _vmplants_v1_Document__Output } from './vmplants/v1/Document.js';
import type { ErrorHandling as _vmplants_v1_ErrorHandling, ErrorHandling__Output as _vmplants_v1_ErrorHandling__Output } from './vmplants/v1/ErrorHandling.js';
import type { ExecEnd as _vmplants_v1_ExecEnd, ExecEnd__Output as _vmplants_v1_ExecEnd__Output } from './vmplants/v1/ExecEnd.js';
import type { ExecEvent as _vmplants_v1_ExecEvent, ExecEvent__Output as _vmplants_v1_ExecEvent__Output } from './vmplants/v1/ExecEvent.js';
import type { ExecRequest as _vmplants_v1_ExecRequest, ExecRequest__Output as _vmplants_v1_ExecRequest__Output } from './vmplants/v1/ExecRequest.js';
import type { File as _vmplants_v1_File, File__Output as _vmplants_v1_File__Output } from './vmplants/v1/File.js';
import type { GuestWork as _vmplants_v1_GuestWork, GuestWork__Output as _vmplants_v1_GuestWork__Output } from './vmplants/v1/GuestWork.js';
import type { Hardware as _vmplants_v1_Hardware, Hardware__Output as _vmplants_v1_Hardware__Output } from './vmplants/v1/Hardware.js';
import type { HostWork as _vmplants_v1_HostWork, HostWork__Output as _vmplants_v1_HostWork__Output } from './vmplants/v1/HostWork.js';
import type { Image as _vmplants_v1_Image, Image__Output as _vmplants_v1_Image__Output } from './vmplants/v1/Image.js';
import type { ImageProfile as _vmplants_v1_ImageProfile, ImageProfile__Output as _vmplants_v1_ImageProfile__Output } from './vmplants/v1/ImageProfile.js';
import type { ImageReason as _vmplants_v1_ImageReason, ImageReason__Output as _vmplants_v1_ImageReason__Output } from './vmplants/v1/ImageReason.js';
import type { ImagesRequest as _vmplants_v1_ImagesRequest, ImagesRequest__Output as _vmplants_v1_ImagesRequest__Output } from './vmplants/v1/ImagesRequest.js';
import type { ImagesResponse as _vmplants_v1_ImagesResponse, ImagesResponse__Output as _vmplants_v1_ImagesResponse__Output } from './vmplants/v1/ImagesResponse.js';
import type { LearnRequest as _vmplants_v1_LearnRequest, LearnRequest__Output as _vmplants_v1_LearnRequest__Output } from './vmplants/v1/LearnRequest.js';
import type { LearnResponse as _vmplants_v1_LearnResponse, LearnResponse__Output as _vmplants_v1_LearnResponse__Output } from './vmplants/v1/LearnResponse.js';
import type { LearningReport as _vmplants_v1_LearningReport, LearningReport__Output as _vmplants_v1_LearningReport__Output } from './vmplants/v1/LearningReport.js';
import type { LineDescription as _vmplants_v1_LineDescription, LineDescription__Output as _vmplants_v1_LineDescription__Output } from './vmplants/v1/LineDescription.js';
import type { ListRequest as _vmplants_v1_ListRequest, ListRequest__Output as _vmplants_v1_ListRequest__Output } from './vmplants/v1/ListRequest.js';
import type { ListResponse as _vmplants_v1_ListResponse, ListResponse__Output as _vmplants_v1_ListResponse__Output } from './vmplants/v1/ListResponse.js';
import type { LivePublication as _vmplants_v1_LivePublication, LivePublication__Output as _vmplants_v1_LivePublication__Output } from './vmplants/v1/LivePublication.js';
import type { MachineRequest as _vmplants_v1_MachineRequest, MachineRequest__Output as _vmplants_v1_MachineRequest__Output } from './vmplants/v1/MachineRequest.js';
import type { OpaqueWork as _vmplants_v1_OpaqueWork, OpaqueWork__Output as _vmplants_v1_OpaqueWork__Output } from './vmplants/v1/OpaqueWork.js';
import type { OperatingSystem as _vmplants_v1_OperatingSystem, OperatingSystem__Output as _vmplants_v1_OperatingSystem__Output } from './vmplants/v1/OperatingSystem.js';
import type { Parameter as _vmplants_v1_Parameter, Parameter__Output as _vmplants_v1_Parameter__Output } from './vmplants/v1/Parameter.js';
import type { Plan as _vmplants_v1_Plan, Plan__Output as _vmplants_v1_Plan__Output } from './vmplants/v1/Plan.js';
import type { PlanRequest as _vmplants_v1_PlanRequest, PlanRequest__Output as _vmplants_v1_PlanRequest__Output } from './vmplants/v1/PlanRequest.js';
import type { PlanResponse as _vmplants_v1_PlanResponse, PlanResponse__Output as _vmplants_v1_PlanResponse__Output } from './vmplants/v1/PlanResponse.js';
import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from './vmplants/v1/PlannedAction.js';
import type { PlantDescription as _vmplants_v1_PlantDescription, PlantDescription__Output as _vmplants_v1_PlantDescription__Output } from './vmplants/v1/PlantDescription.js';
import type { PlantStatus as _vmplants_v1_PlantStatus, PlantStatus__Output as _vmplants_v1_PlantStatus__Output } from './vmplants/v1/PlantStatus.js';
import type { PlantsRequest as _vmplants_v1_PlantsRequest, PlantsRequest__Output as _vmplants_v1_PlantsRequest__Output } from './vmplants/v1/PlantsRequest.js';
import type { PlantsResponse as _vmplants_v1_PlantsResponse, PlantsResponse__Output as _vmplants_v1_PlantsResponse__Output } from './vmplants/v1/PlantsResponse.js';
import type { PreparedPoint as _vmplants_v1_PreparedPoint, PreparedPoint__Output as _vmplants_v1_PreparedPoint__Output } from './vmplants/v1/PreparedPoint.js';
import type { Progress as _vmplants_v1_Progress, Progress__Output as _vmplants_v1_Progress__Output } from './vmplants/v1/Progress.js';
import type { PublishEvent as _vmplants_v1_PublishEvent, PublishEvent__Output as _vmplants_v1_PublishEvent__Output } from './vmplants/v1/PublishEvent.js';
import type { PublishRequest as _vmplants_v1_PublishRequest, PublishRequest__Output as _vmplants_v1_PublishRequest__Output } from './vmplants/v1/PublishRequest.js';
import type { Published as _vmplants_v1_Published, Published__Output as _vmplants_v1_Published__Output } from './vmplants/v1/Published.js';
import type { QueryRequest as _vmplants_v1_QueryRequest, QueryRequest__Output as _vmplants_v1_QueryRequest__Output } from './vmplants/v1/QueryRequest.js';
import type { Quote as _vmplants_v1_Quote, Quote__Output as _vmplants_v1_Quote__Output } from './vmplants/v1/Quote.js';
import type { RecipePublication as _vmplants_v1_RecipePublication, RecipePublication__Output as _vmplants_v1_RecipePublication__Output } from './vmplants/v1/RecipePublication.js';
import type { Refusal as _vmplants_v1_Refusal, Refusal__Output as _vmplants_v1_Refusal__Output } from './vmplants/v1/Refusal.js';
import type { Rejection as _vmplants_v1_Rejection, Rejection__Output as _vmplants_v1_Rejection__Output } from './vmplants/v1/Rejection.js';
import type { Stage as _vmplants_v1_Stage, Stage__Output as _vmplants_v1_Stage__Output } from './vmplants/v1/Stage.js';
import type { UpdateImageRequest as _vmplants_v1_UpdateImageRequest, UpdateImageRequest__Output as _vmplants_v1_UpdateImageRequest__Output } from './vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse as _vmplants_v1_UpdateImageResponse, UpdateImageResponse__Output as _vmplants_v1_UpdateImageResponse__Output } from './vmplants/v1/UpdateImageResponse.js';
import type { VMShopClient as _vmplants_v1_VMShopClient, VMShopDefinition as _vmplants_v1_VMShopDefinition } from './vmplants/v1/VMShop.js';
import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from './vmplants/v1/Vm.js';
import type { VmidRequest as _vmplants_v1_VmidRequest, VmidRequest__Output as _vmplants_v1_VmidRequest__Output } from './vmplants/v1/VmidRequest.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  vmplants: {
    v1: {
      Accepted: MessageTypeDefinition<_vmplants_v1_Accepted, _vmplants_v1_Accepted__Output>
      Action: MessageTypeDefinition<_vmplants_v1_Action, _vmplants_v1_Action__Output>
      ActionFailure: MessageTypeDefinition<_vmplants_v1_ActionFailure, _vmplants_v1_ActionFailure__Output>
      AddDisk: MessageTypeDefinition<_vmplants_v1_AddDisk, _vmplants_v1_AddDisk__Output>
      AddNetworkInterface: MessageTypeDefinition<_vmplants_v1_AddNetworkInterface, _vmplants_v1_AddNetworkInterface__Output>
      AttachIso: MessageTypeDefinition<_vmplants_v1_AttachIso, _vmplants_v1_AttachIso__Output>
      Auction: MessageTypeDefinition<_vmplants_v1_Auction, _vmplants_v1_Auction__Output>
      BakeProposal: MessageTypeDefinition<_vmplants_v1_BakeProposal, _vmplants_v1_BakeProposal__Output>
      Bid: MessageTypeDefinition<_vmplants_v1_Bid, _vmplants_v1_Bid__Output>
      BidsRequest: MessageTypeDefinition<_vmplants_v1_BidsRequest, _vmplants_v1_BidsRequest__Output>
      BidsResponse: MessageTypeDefinition<_vmplants_v1_BidsResponse, _vmplants_v1_BidsResponse__Output>
      Classad: MessageTypeDefinition<_vmplants_v1_Classad, _vmplants_v1_Classad__Output>
      ClassadAttribute: MessageTypeDefinition<_vmplants_v1_ClassadAttribute, _vmplants_v1_ClassadAttribute__Output>
      ClassadList: MessageTypeDefinition<_vmplants_v1_ClassadList, _vmplants_v1_ClassadList__Output>
      ClassadValue: MessageTypeDefinition<_vmplants_v1_ClassadValue, _vmplants_v1_ClassadValue__Output>
      CollectResponse: MessageTypeDefinition<_vmplants_v1_CollectResponse, _vmplants_v1_CollectResponse__Output>
      ConsoleInput: MessageTypeDefinition<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleInput__Output>
      ConsoleOutput: MessageTypeDefinition<_vmplants_v1_ConsoleOutput, _vmplants_v1_ConsoleOutput__Output>
      CostComponent: MessageTypeDefinition<_vmplants_v1_CostComponent, _vmplants_v1_CostComponent__Output>
      CreateEvent: MessageTypeDefinition<_vmplants_v1_CreateEvent, _vmplants_v1_CreateEvent__Output>
      CreateRequest: MessageTypeDefinition<_vmplants_v1_CreateRequest, _vmplants_v1_CreateRequest__Output>
      Document: MessageTypeDefinition<_vmplants_v1_Document, _vmplants_v1_Document__Output>
      ErrorHandling: MessageTypeDefinition<_vmplants_v1_ErrorHandling, _vmplants_v1_ErrorHandling__Output>
      ExecEnd: MessageTypeDefinition<_vmplants_v1_ExecEnd, _vmplants_v1_ExecEnd__Output>
      ExecEvent: MessageTypeDefinition<_vmplants_v1_ExecEvent, _vmplants_v1_ExecEvent__Output>
      ExecRequest: MessageTypeDefinition<_vmplants_v1_ExecRequest, _vmplants_v1_ExecRequest__Output>
      File: MessageTypeDefinition<_vmplants_v1_File, _vmplants_v1_File__Output>
      GuestWork: MessageTypeDefinition<_vmplants_v1_GuestWork, _vmplants_v1_GuestWork__Output>
      Hardware: MessageTypeDefinition<_vmplants_v1_Hardware, _vmplants_v1_Hardware__Output>
      HostWork: MessageTypeDefinition<_vmplants_v1_HostWork, _vmplants_v1_HostWork__Output>
      Image: MessageTypeDefinition<_vmplants_v1_Image, _vmplants_v1_Image__Output>
      ImageProfile: MessageTypeDefinition<_vmplants_v1_ImageProfile, _vmplants_v1_ImageProfile__Output>
      ImageReason: MessageTypeDefinition<_vmplants_v1_ImageReason, _vmplants_v1_ImageReason__Output>
      ImagesRequest: MessageTypeDefinition<_vmplants_v1_ImagesRequest, _vmplants_v1_ImagesRequest__Output>
      ImagesResponse: MessageTypeDefinition<_vmplants_v1_ImagesResponse, _vmplants_v1_ImagesResponse__Output>
      LearnRequest: MessageTypeDefinition<_vmplants_v1_LearnRequest, _vmplants_v1_LearnRequest__Output>
      LearnResponse: MessageTypeDefinition<_vmplants_v1_LearnResponse, _vmplants_v1_LearnResponse__Output>
      LearningReport: MessageTypeDefinition<_vmplants_v1_LearningReport, _vmplants_v1_LearningReport__Output>
      LineDescription: MessageTypeDefinition<_vmplants_v1_LineDescription, _vmplants_v1_LineDescription__Output>
      ListRequest: MessageTypeDefinition<_vmplants_v1_ListRequest, _vmplants_v1_ListRequest__Output>
      ListResponse: MessageTypeDefinition<_vmplants_v1_ListResponse, _vmplants_v1_ListResponse__Output>
      LivePublication: MessageTypeDefinition<_vmplants_v1_LivePublication, _vmplants_v1_LivePublication__Output>
      MachineRequest: MessageTypeDefinition<_vmplants_v1_MachineRequest, _vmplants_v1_MachineRequest__Output>
      OpaqueWork: MessageTypeDefinition<_vmplants_v1_OpaqueWork, _vmplants_v1_OpaqueWork__Output>
      OperatingSystem: MessageTypeDefinition<_vmplants_v1_OperatingSystem, _vmplants_v1_OperatingSystem__Output>
      Parameter: MessageTypeDefinition<_vmplants_v1_Parameter, _vmplants_v1_Parameter__Output>
      Plan: MessageTypeDefinition<_vmplants_v1_Plan, _vmplants_v1_Plan__Output>
      PlanRequest: MessageTypeDefinition<_vmplants_v1_PlanRequest, _vmplants_v1_PlanRequest__Output>
      PlanResponse: MessageTypeDefinition<_vmplants_v1_PlanResponse, _vmplants_v1_PlanResponse__Output>
      PlannedAction: MessageTypeDefinition<_vmplants_v1_PlannedAction, _vmplants_v1_PlannedAction__Output>
      PlantDescription: MessageTypeDefinition<_vmplants_v1_PlantDescription, _vmplants_v1_PlantDescription__Output>
      PlantStatus: MessageTypeDefinition<_vmplants_v1_PlantStatus, _vmplants_v1_PlantStatus__Output>
      PlantsRequest: MessageTypeDefinition<_vmplants_v1_PlantsRequest, _vmplants_v1_PlantsRequest__Output>
      PlantsResponse: MessageTypeDefinition<_vmplants_v1_PlantsResponse, _vmplants_v1_PlantsResponse__Output>
      PreparedPoint: MessageTypeDefinition<_vmplants_v1_PreparedPoint, _vmplants_v1_PreparedPoint__Output>
      Progress: MessageTypeDefinition<_vmplants_v1_Progress, _vmplants_v1_Progress__Output>
      PublishEvent: MessageTypeDefinition<_vmplants_v1_PublishEvent, _vmplants_v1_PublishEvent__Output>
      PublishRequest: MessageTypeDefinition<_vmplants_v1_PublishRequest, _vmplants_v1_PublishRequest__Output>
      Published: MessageTypeDefinition<_vmplants_v1_Published, _vmplants_v1_Published__Output>
      QueryRequest: MessageTypeDefinition<_vmplants_v1_QueryRequest, _vmplants_v1_QueryRequest__Output>
      Quote: MessageTypeDefinition<_vmplants_v1_Quote, _vmplants_v1_Quote__Output>
      RecipePublication: MessageTypeDefinition<_vmplants_v1_RecipePublication, _vmplants_v1_RecipePublication__Output>
      Refusal: MessageTypeDefinition<_vmplants_v1_Refusal, _vmplants_v1_Refusal__Output>
      Rejection: MessageTypeDefinition<_vmplants_v1_Rejection, _vmplants_v1_Rejection__Output>
      Stage: MessageTypeDefinition<_vmplants_v1_Stage, _vmplants_v1_Stage__Output>
      UpdateImageRequest: MessageTypeDefinition<_vmplants_v1_UpdateImageRequest, _vmplants_v1_UpdateImageRequest__Output>
      UpdateImageResponse: MessageTypeDefinition<_vmplants_v1_UpdateImageResponse, _vmplants_v1_UpdateImageResponse__Output>
      /**
       * Creates, queries and collects virtual machines. The shop keeps no state that the plants do not have.
       * Set a deadline on every call. Errors carry google.rpc.Status details: BadRequest with field paths, ErrorInfo with
       * a reason, ActionFailure when an action failed.
       */
      VMShop: SubtypeConstructor<typeof grpc.Client, _vmplants_v1_VMShopClient> & { service: _vmplants_v1_VMShopDefinition }
      Vm: MessageTypeDefinition<_vmplants_v1_Vm, _vmplants_v1_Vm__Output>
      VmState: EnumTypeDefinition
      VmidRequest: MessageTypeDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_VmidRequest__Output>
    }
  }
}

