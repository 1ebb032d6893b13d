#!/usr/bin/python3
"""Creates, queries and collects a virtual machine from Python, with nothing of this project but its .proto files.

    apt-get install python3-grpcio python3-protobuf protobuf-compiler
    VMSHOP_ADDRESS=127.0.0.1:7070 /usr/bin/python3 examples/python/create_query_collect.py [REQUEST.yaml]

Without a request it asks for the smallest machine there is. It prints the classad, one `Name = value` a line.

There is no generated code: `protoc` describes the contract in a file, and protobuf's own library makes the message
classes from it. (Debian's grpc_tools is too old for proto3's `optional`.)
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PROTO = pathlib.Path(os.environ.get("VMPLANTS_PROTO", pathlib.Path(__file__).resolve().parents[2] / "proto"))
# Debian's protoc comes without the one well-known type that errors need.
ANY = 'syntax = "proto3"; package google.protobuf; message Any { string type_url = 1; bytes value = 2; }'


class Contract:
    """The messages and methods of the .proto files, by their full names."""

    def __init__(self):
        with tempfile.TemporaryDirectory() as directory:
            any_file = pathlib.Path(directory, "google/protobuf/any.proto")
            any_file.parent.mkdir(parents=True)
            any_file.write_text(ANY)
            described = pathlib.Path(directory, "contract.pb")
            subprocess.run(
                [
                    "protoc",
                    f"-I{PROTO}",
                    f"-I{directory}",
                    "--include_imports",
                    f"--descriptor_set_out={described}",
                    "vmplants/v1/shop.proto",
                    "google/rpc/status.proto",
                ],
                check=True,
                timeout=60,
            )
            files = descriptor_pb2.FileDescriptorSet.FromString(described.read_bytes())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)

    def message(self, name):
        descriptor = self.pool.FindMessageTypeByName(name)
        if hasattr(message_factory, "GetMessageClass"):  # protobuf 4.22 and later
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self.pool).GetPrototype(descriptor)

    def call(self, channel, method):
        """A callable for a method of the shop: takes the request and a timeout, as grpc's own stubs do."""
        found = self.pool.FindServiceByName("vmplants.v1.VMShop").FindMethodByName(method)
        described = descriptor_pb2.MethodDescriptorProto()
        found.CopyToProto(described)
        make = channel.unary_stream if described.server_streaming else channel.unary_unary
        return make(
            f"/vmplants.v1.VMShop/{method}",
            request_serializer=self.message(found.input_type.full_name).SerializeToString,
            response_deserializer=self.message(found.output_type.full_name).FromString,
        )


def create_request(contract, arguments):
    request = contract.message("vmplants.v1.CreateRequest")()
    # A create that is repeated with the same ID gives the same machine, never a second one.
    request.request_id = f"python-{uuid.uuid4()}"
    if arguments:
        path = pathlib.Path(arguments[0])
        request.document.format = "yaml" if path.suffix == ".yml" else path.suffix[1:]
        request.document.content = path.read_bytes()
        return request
    request.machine.operating_system.name = "micro"
    action = request.machine.actions.add()
    action.name = "hello"
    action.guest.script = 'echo "Greeting=hello from $(uname -s)" >> "$VMPLANTS_ATTRIBUTES"\n'
    return request


def classad_lines(classad):
    for attribute in classad.attributes:
        # json also writes out control characters, so that a machine's own text cannot play with the terminal.
        yield f"{attribute.name} = {json.dumps(plain(attribute.value))}"


def plain(value):
    """A ClassadValue as Python's own kind of value."""
    kind = value.WhichOneof("value")
    if kind == "list":
        return [plain(item) for item in value.list.values]
    if kind == "classad":
        return {attribute.name: plain(attribute.value) for attribute in value.classad.attributes}
    return getattr(value, kind)


def describe(contract, error):
    """What went wrong: the code, the message, and every wrong field from the google.rpc.Status in the trailer."""
    lines = [f"{error.code().name}: {error.details()}"]
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in contract.message("google.rpc.Status").FromString(value).details:
            message = contract.message(detail.type_url.rsplit("/", 1)[-1]).FromString(detail.value)
            if detail.type_url.endswith("BadRequest"):
                lines += [f"  {violation.field}: {violation.description}" for violation in message.field_violations]
    return "\n".join(lines)


def main():
    contract = Contract()
    address = os.environ.get("VMSHOP_ADDRESS", "127.0.0.1:7070")
    by_vmid = contract.message("vmplants.v1.VmidRequest")
    with grpc.insecure_channel(address) as channel:
        try:
            vmid = None
            for event in contract.call(channel, "Create")(create_request(contract, sys.argv[1:]), timeout=600):
                kind = event.WhichOneof("event")
                if kind == "accepted":
                    vmid = event.accepted.vmid
                elif kind == "progress":
                    print(f"{event.progress.phase}: {event.progress.message}", file=sys.stderr)
            try:
                vm = contract.call(channel, "Query")(by_vmid(vmid=vmid), timeout=30)
                print("\n".join(classad_lines(vm.classad)))
            finally:
                contract.call(channel, "Collect")(by_vmid(vmid=vmid), timeout=120)
                print(f"collected {vmid}", file=sys.stderr)
        except grpc.RpcError as error:
            print(describe(contract, error), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
