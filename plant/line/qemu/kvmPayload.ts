/**
 * A boot ROM that proves that a hypervisor really runs a guest: it goes from real mode to protected mode to paged
 * 64-bit mode, takes one timer interrupt through the local APIC, and only then writes `PAYLOAD_ANSWER` to the port
 * of the debug-exit device, which ends QEMU with `PAYLOAD_STATUS`. A device node that merely exists, or a virtual
 * CPU that stalls on the way, never gets there.
 *
 * The code, assembled with `as --64` and linked at 0, `B` standing for 0xffe00, where the ROM's end is seen below
 * 1 MiB:
 *
 *     .code16 entry:  cli; lgdtw %cs:gdtr; mov %cr0,%eax; or $1,%al; mov %eax,%cr0; ljmpl $8,$(B+prot32)
 *     .code32 prot32: mov $0x10,%eax; mov %eax,%ds
 *                     movl $0x1ff,0xfee000f0      // local APIC on
 *                     movl $0x700,0xfee00350      // its LINT0 takes the interrupt controller's line
 *                     movl $0x2003,0x1000; movl $0x3003,0x2000; movl $0x83,0x3000  // 2 MiB mapped to itself
 *                     mov %cr4,%eax; or $0x20,%eax; mov %eax,%cr4; mov $0x1000,%eax; mov %eax,%cr3
 *                     mov $0xc0000080,%ecx; rdmsr; or $0x100,%eax; wrmsr
 *                     mov %cr0,%eax; or $0x80000000,%eax; mov %eax,%cr0; ljmp $0x18,$(B+long64)
 *     .code64 long64: mov $0x8000,%esp
 *                     movl $(0x0018fe00+handler),0x4200; movl $0x000f8e00,0x4204; lidt B+idtr  // vector 32
 *                     0x11->0x20; 0x20,0x04,0x01,0xfe->0x21     // interrupt controller: timer only, vector 32
 *                     0x30->0x43; 0xe8,0x03->0x40               // timer: one shot after 1000 ticks
 *                     sti; halt: hlt; jmp halt
 *             handler: mov $0x2a,%al; out %al,$0xf4; hlt
 *             gdt: 0, 32-bit code, data, 64-bit code; idtr; gdtr
 *     .code16 .org 0x1f0 reset: ljmp $0xffe0,$0
 */
export function kvmPayload(): Buffer {
  const rom = Buffer.alloc(ROM_BYTES);
  Buffer.from(CODE, 'hex').copy(rom, ROM_BYTES - CODE_BYTES);
  Buffer.from('ea0000e0ff', 'hex').copy(rom, ROM_BYTES - 16);
  return rom;
}

/** I/O port of the debug-exit device. */
export const PAYLOAD_PORT = 0xf4;

/** What the payload writes. */
const PAYLOAD_ANSWER = 0x2a;

/** QEMU's exit status for that answer. */
export const PAYLOAD_STATUS = (PAYLOAD_ANSWER << 1) | 1;

/** Smallest ROM that QEMU takes. */
const ROM_BYTES = 64 * 1024;
const CODE_BYTES = 512;
const CODE = [
  'fa2e0f0116fa000f20c00c010f22c066ea17fe0f000800b8100000008ed8c705f000e0feff010000c7055003e0fe0007',
  '0000c7050010000003200000c7050020000003300000c70500300000830000000f20e083c8200f22e0b8001000000f22',
  'd8b9800000c00f320d000100000f300f20c00d000000800f22c0ea81fe0f001800bc00800000c7042500420000c8fe18',
  '00c7042504420000008e0f000f011c25f0fe0f00b011e620b020e621b004e621b001e621b0fee621b030e643b0e8e640',
  'b003e640fbf4ebfdb02ae6f4f48d74000000000000000000ffff0000009bcf00ffff00000093cf00ffff0000009baf00',
  '0f0200400000000000001f00d0fe0f',
].join('');
