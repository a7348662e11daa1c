// SPDX-License-Identifier: MIT
/*
 * The drivers, as main.c starts them.  Nothing else includes this: a driver is
 * reached through the table that it registers (block device, character device,
 * serial port).  All on the boot hart, once, in this order.
 */
#pragma once

// Make the UART of the device tree print()'s sink, without interrupts.  After
// memory_init(); where there is no UART the firmware's console stays.
void uart_init_early(void);

// Let the UART interrupt, and offer it as the serial console.
void uart_init(void);

// Start every virtio device that there is a driver for, first on QEMU's command
// line first.  Disks are vda, vdb ...; console ports are /dev/vport/NAME.
void virtio_init(void);

// Offer the initial RAM disk, if there is one, as the block device ram0.
void ramdisk_init(void);
