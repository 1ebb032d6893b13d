import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Action as _vmplants_v1_Action, Action__Output as _vmplants_v1_Action__Output } from './vmplants/v1/Action.js';
import type { ActionFailure as _vmplants_v1_ActionFailure, ActionFailure__Output as _vmplants_v1_ActionFailure__Output } from './vmplants/v1/ActionFailure.js';
import type { AddDisk as _vmplants_v1_AddDisk, AddDisk__Output as _vmplants_v1_AddDisk__Output } from './vmplants/v1/AddDisk.js';
import type { AddNetworkInterface as _vmplants_v1_AddNetworkInterface, AddNetworkInterface__Output as _vmplants_v1_AddNetworkInterface__Output } from './vmplants/v1/AddNetworkInterface.js';
import type { AttachIso as _vmplants_v1_AttachIso, AttachIso__Output as _vmplants_v1_AttachIso__Output } from './vmplants/v1/AttachIso.js';
import type { BakeProposal as _vmplants_v1_BakeProposal, BakeProposal__Output as _vmplants_v1_BakeProposal__Output } from './vmplants/v1/BakeProposal.js';
import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from './vmplants/v1/Bid.js';
import type { BidRequest as _vmplants_v1_BidRequest, BidRequest__Output as _vmplants_v1_BidRequest__Output } from './vmplants/v1/BidRequest.js';
import type { BidResponse as _vmplants_v1_BidResponse, BidResponse__Output as _vmplants_v1_BidResponse__Output } from './vmplants/v1/BidResponse.js';
import type { Classad as _vmplants_v1_Classad, Classad__Output as _vmplants_v1_Classad__Output } from './vmplants/v1/Classad.js';
import type { ClassadAttribute as _vmplants_v1_ClassadAttribute, ClassadAttribute__Output as _vmplants_v1_ClassadAttribute__Output } from './vmplants/v1/ClassadAttribute.js';
import type { ClassadList as _vmplants_v1_ClassadList, ClassadList__Output as _vmplants_v1_ClassadList__Output } from './vmplants/v1/ClassadList.js';
import type { ClassadValue as _vmplants_v1_ClassadValue, ClassadValue__Output as _vmplants_v1_ClassadValue__Output } from './vmplants/v1/ClassadValue.js';
import type { CollectResponse as _vmplants_v1_CollectResponse, CollectResponse__Output as _vmplants_v1_CollectResponse__Output } from './vmplants/v1/CollectResponse.js';
import type { ConsoleInput as _vmplants_v1_ConsoleInput, ConsoleInput__Output as _vmplants_v1_ConsoleInput__Output } from './vmplants/v1/ConsoleInput.js';
import type { ConsoleOutput as _vmplants_v1_ConsoleOutput, ConsoleOutput__Output as _vmplants_v1_ConsoleOutput__Output } from './vmplants/v1/ConsoleOutput.js';
import type { CostComponent as _vmplants_v1_CostComponent, CostComponent__Output as _vmplants_v1_CostComponent__Output } from './vmplants/v1/CostComponent.js';
import type { DescribeRequest as _vmplants_v1_DescribeRequest, DescribeRequest__Output as _vmplants_v1_DescribeRequest__Output } from './vmplants/v1/DescribeRequest.js';
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
import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from './vmplants/v1/PlannedAction.js';
import type { PlantDescription as _vmplants_v1_PlantDescription, PlantDescription__Output as _vmplants_v1_PlantDescription__Output } from './vmplants/v1/PlantDescription.js';
import type { PlantStatus as _vmplants_v1_PlantStatus, PlantStatus__Output as _vmplants_v1_PlantStatus__Output } from './vmplants/v1/PlantStatus.js';
import type { PreparedPoint as _vmplants_v1_PreparedPoint, PreparedPoint__Output as _vmplants_v1_PreparedPoint__Output } from './vmplants/v1/PreparedPoint.js';
import type { ProduceEvent as _vmplants_v1_ProduceEvent, ProduceEvent__Output as _vmplants_v1_ProduceEvent__Output } from './vmplants/v1/ProduceEvent.js';
import type { ProduceRequest as _vmplants_v1_ProduceRequest, ProduceRequest__Output as _vmplants_v1_ProduceRequest__Output } from './vmplants/v1/ProduceRequest.js';
import type { Progress as _vmplants_v1_Progress, Progress__Output as _vmplants_v1_Progress__Output } from './vmplants/v1/Progress.js';
import type { PublishEvent as _vmplants_v1_PublishEvent, PublishEvent__Output as _vmplants_v1_PublishEvent__Output } from './vmplants/v1/PublishEvent.js';
import type { PublishRequest as _vmplants_v1_PublishRequest, PublishRequest__Output as _vmplants_v1_PublishRequest__Output } from './vmplants/v1/PublishRequest.js';
import type { Published as _vmplants_v1_Published, Published__Output as _vmplants_v1_Published__Output } from './vmplants/v1/Published.js';
import type { QueryRequest as _vmplants_v1_QueryRequest, QueryRequest__Output as _vmplants_v1_QueryRequest__Output } from './vmplants/v1/QueryRequest.js';
import type { Quote as _vmplants_v1_Quote, Quote__Output as _vmplants_v1_Quote__Output } from './vmplants/v1/Quote.js';
import type { RecipePublication as _vmplants_v1_RecipePublication, RecipePublication__Output as _vmplants_v1_RecipePublication__Output } from './vmplants/v1/RecipePublication.js';
import type { Refusal as _vmplants_v1_Refusal, Refusal__Output as _vmplants_v1_Refusal__Output } from './vmplants/v1/Refusal.js';
import type { Rejection as _vmplants_v1_Rejection, Rejection__Output as _vmplants_v1_Rejection__Output } from './vmplants/v1/Rejection.js';
import type { ReserveRequest as _vmplants_v1_ReserveRequest, ReserveRequest__Output as _vmplants_v1_ReserveRequest__Output } from './vmplants/v1/ReserveRequest.js';
import type { ReserveResponse as _vmplants_v1_ReserveResponse, ReserveResponse__Output as _vmplants_v1_ReserveResponse__Output } from './vmplants/v1/ReserveResponse.js';
import type { Stage as _vmplants_v1_Stage, Stage__Output as _vmplants_v1_Stage__Output } from './vmplants/v1/Stage.js';
import type { StatusRequest as _vmplants_v1_StatusRequest, StatusRequest__Output as _vmplants_v1_StatusRequest__Output } from './vmplants/v1/StatusRequest.js';
import type { UpdateImageRequest as _vmplants_v1_UpdateImageRequest, UpdateImageRequest__Output as _vmplants_v1_UpdateImageRequest__Output } from './vmplants/v1/UpdateImageRequest.js';
import type { UpdateImageResponse as _vmplants_v1_UpdateImageResponse, UpdateImageResponse__Output as _vmplants_v1_UpdateImageResponse__Output } from './vmplants/v1/UpdateImageResponse.js';
import type { VMPlantClient as _vmplants_v1_VMPlantClient, VMPlantDefinition as _vmplants_v1_VMPlantDefinition } from './vmplants/v1/VMPlant.js';
import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from './vmplants/v1/Vm.js';
import type { VmidRequest as _vmplants_v1_VmidRequest, VmidRequest__Output as _vmplants_v1_VmidRequest__Output } from './vmplants/v1/VmidRequest.js';
import type { WatchEvent as _vmplants_v1_WatchEvent, WatchEvent__Output as _vmplants_v1_WatchEvent__Output } from './vmplants/v1/WatchEvent.js';
import type { WatchRequest as _vmplants_v1_WatchRequest, WatchRequest__Output as _vmplants_v1_WatchRequest__Output } from './vmplants/v1/WatchRequest.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  vmplants: {
    v1: {
      Action: MessageTypeDefinition<_vmplants_v1_Action, _vmplants_v1_Action__Output>
      ActionFailure: MessageTypeDefinition<_vmplants_v1_ActionFailure, _vmplants_v1_ActionFailure__Output>
      AddDisk: MessageTypeDefinition<_vmplants_v1_AddDisk, _vmplants_v1_AddDisk__Output>
      AddNetworkInterface: MessageTypeDefinition<_vmplants_v1_AddNetworkInterface, _vmplants_v1_AddNetworkInterface__Output>
      AttachIso: MessageTypeDefinition<_vmplants_v1_AttachIso, _vmplants_v1_AttachIso__Output>
      BakeProposal: MessageTypeDefinition<_vmplants_v1_BakeProposal, _vmplants_v1_BakeProposal__Output>
      Bid: MessageTypeDefinition<_vmplants_v1_Bid, _vmplants_v1_Bid__Output>
      BidRequest: MessageTypeDefinition<_vmplants_v1_BidRequest, _vmplants_v1_BidRequest__Output>
      BidResponse: MessageTypeDefinition<_vmplants_v1_BidResponse, _vmplants_v1_BidResponse__Output>
      Classad: MessageTypeDefinition<_vmplants_v1_Classad, _vmplants_v1_Classad__Output>
      ClassadAttribute: MessageTypeDefinition<_vmplants_v1_ClassadAttribute, _vmplants_v1_ClassadAttribute__Output>
      ClassadList: MessageTypeDefinition<_vmplants_v1_ClassadList, _vmplants_v1_ClassadList__Output>
      ClassadValue: MessageTypeDefinition<_vmplants_v1_ClassadValue, _vmplants_v1_ClassadValue__Output>
      CollectResponse: MessageTypeDefinition<_vmplants_v1_CollectResponse, _vmplants_v1_CollectResponse__Output>
      ConsoleInput: MessageTypeDefinition<_vmplants_v1_ConsoleInput, _vmplants_v1_ConsoleInput__Output>
      ConsoleOutput: MessageTypeDefinition<_vmplants_v1_ConsoleOutput, _vmplants_v1_ConsoleOutput__Output>
      CostComponent: MessageTypeDefinition<_vmplants_v1_CostComponent, _vmplants_v1_CostComponent__Output>
      DescribeRequest: MessageTypeDefinition<_vmplants_v1_DescribeRequest, _vmplants_v1_DescribeRequest__Output>
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
      PlannedAction: MessageTypeDefinition<_vmplants_v1_PlannedAction, _vmplants_v1_PlannedAction__Output>
      PlantDescription: MessageTypeDefinition<_vmplants_v1_PlantDescription, _vmplants_v1_PlantDescription__Output>
      PlantStatus: MessageTypeDefinition<_vmplants_v1_PlantStatus, _vmplants_v1_PlantStatus__Output>
      PreparedPoint: MessageTypeDefinition<_vmplants_v1_PreparedPoint, _vmplants_v1_PreparedPoint__Output>
      ProduceEvent: MessageTypeDefinition<_vmplants_v1_ProduceEvent, _vmplants_v1_ProduceEvent__Output>
      ProduceRequest: MessageTypeDefinition<_vmplants_v1_ProduceRequest, _vmplants_v1_ProduceRequest__Output>
      Progress: MessageTypeDefinition<_vmplants_v1_Progress, _vmplants_v1_Progress__Output>
      PublishEvent: MessageTypeDefinition<_vmplants_v1_PublishEvent, _vmplants_v1_PublishEvent__Output>
      PublishRequest: MessageTypeDefinition<_vmplants_v1_PublishRequest, _vmplants_v1_PublishRequest__Output>
      Published: MessageTypeDefinition<_vmplants_v1_Published, _vmplants_v1_Published__Output>
      QueryRequest: MessageTypeDefinition<_vmplants_v1_QueryRequest, _vmplants_v1_QueryRequest__Output>
      Quote: MessageTypeDefinition<_vmplants_v1_Quote, _vmplants_v1_Quote__Output>
      RecipePublication: MessageTypeDefinition<_vmplants_v1_RecipePublication, _vmplants_v1_RecipePublication__Output>
      Refusal: MessageTypeDefinition<_vmplants_v1_Refusal, _vmplants_v1_Refusal__Output>
      Rejection: MessageTypeDefinition<_vmplants_v1_Rejection, _vmplants_v1_Rejection__Output>
      ReserveRequest: MessageTypeDefinition<_vmplants_v1_ReserveRequest, _vmplants_v1_ReserveRequest__Output>
      ReserveResponse: MessageTypeDefinition<_vmplants_v1_ReserveResponse, _vmplants_v1_ReserveResponse__Output>
      Stage: MessageTypeDefinition<_vmplants_v1_Stage, _vmplants_v1_Stage__Output>
      StatusRequest: MessageTypeDefinition<_vmplants_v1_StatusRequest, _vmplants_v1_StatusRequest__Output>
      UpdateImageRequest: MessageTypeDefinition<_vmplants_v1_UpdateImageRequest, _vmplants_v1_UpdateImageRequest__Output>
      UpdateImageResponse: MessageTypeDefinition<_vmplants_v1_UpdateImageResponse, _vmplants_v1_UpdateImageResponse__Output>
      /**
       * Bids, plans, produces and monitors the VMs of one host, and owns their classads. Brokers serve it too.
       */
      VMPlant: SubtypeConstructor<typeof grpc.Client, _vmplants_v1_VMPlantClient> & { service: _vmplants_v1_VMPlantDefinition }
      Vm: MessageTypeDefinition<_vmplants_v1_Vm, _vmplants_v1_Vm__Output>
      VmState: EnumTypeDefinition
      VmidRequest: MessageTypeDefinition<_vmplants_v1_VmidRequest, _vmplants_v1_VmidRequest__Output>
      WatchEvent: MessageTypeDefinition<_vmplants_v1_WatchEvent, _vmplants_v1_WatchEvent__Output>
      WatchRequest: MessageTypeDefinition<_vmplants_v1_WatchRequest, _vmplants_v1_WatchRequest__Output>
    }
  }
}

