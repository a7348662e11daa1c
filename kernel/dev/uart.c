// SPDX-License-Identifier: MIT
/*
 * The UART: an NS16550A (National Semiconductor PC16550D data sheet, section
 * 8), found in the device tree.
 *
 * It carries two streams.  Kernel messages come through the sink: they are
 * written by polling, because they must come out even if interrupts never do
 * again, and after what the terminal had queued, so that the order is kept.
 * The terminal's bytes come through uart_write() into a ring that the device's
 * interrupt empties; as long as the device takes bytes they go out at once.
 *
 *   1. The registers and the ring belong to uart.busy.  That is not a spinlock:
 *      messages are printed with any spinlock held, and about spinlocks.
 *   2. Nothing is printed, and nobody is called, with uart.busy held.
 *   3. In a panic the other harts stand still, perhaps inside this driver; so
 *      the sink takes no lock then.
 */
#include "dev/dev.h"

#include "arch/fdt.h"
#include "arch/hart.h"
#include "arch/irq.h"
#include "arch/mmio.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "vfs/serial.h"

#define BAUD 115200

// Registers, by number; with DLAB the first two hold the divisor.
enum {
	REG_DATA = 0, // read: receiver buffer; write: transmitter holding
	REG_IER = 1,
	REG_FCR = 2,
	REG_LCR = 3,
	REG_MCR = 4,
	REG_LSR = 5,
};

#define IER_RECEIVE  0x01
#define IER_TRANSMIT 0x02
#define FCR_ENABLE   0x01
#define LCR_8N1      0x03
#define LCR_DLAB     0x80
#define MCR_DTR_RTS  0x03
#define MCR_OUT2     0x08 // lets the interrupt out of the chip on many boards
#define LSR_READY    0x01
#define LSR_BREAK    0x10
#define LSR_EMPTY    0x20 // the transmitter's FIFO is
#define FIFO_DEPTH   16

#define RING_SIZE 4096 // a power of two
#define BATCH     64   // bytes given to the terminal at a time

// Reads of a status that does not change before a message's byte is given up.
#define POLLS_MAX 1000000

/*
 *   I  fixed by uart_init_early()
 *   b  busy
 *   a  atomic
 */
static struct {
	volatile uint8_t *regs;  // [I] NULL: there is none
	unsigned shift;          // [I] a register's number becomes its offset
	bool wide;               // [I] registers are accessed as 32 bits
	unsigned line;           // [I]
	uint32_t busy;           // [a]
	uint8_t ier;             // [b] what REG_IER holds
	bool starved;            // [b] the terminal waits for space in the ring
	uint32_t head;           // [b] free-running: bytes put into the ring
	uint32_t tail;           // [b] bytes taken out of it
	char ring[RING_SIZE];    // [b]
	struct serial_port port; // serial.h
} uart;

static uint8_t
reg_read(unsigned reg)
{
	volatile uint8_t *p = uart.regs + (reg << uart.shift);
	return uart.wide ? (uint8_t)mmio_read32(p) : mmio_read8(p);
}

static void
reg_write(unsigned reg, uint8_t value)
{
	volatile uint8_t *p = uart.regs + (reg << uart.shift);
	if (uart.wide)
		mmio_write32(p, value);
	else
		mmio_write8(p, value);
}

static void
uart_lock(void)
{
	intr_push();
	while (__atomic_exchange_n(&uart.busy, 1, __ATOMIC_ACQUIRE) != 0)
		cpu_relax();
}

static void
uart_unlock(void)
{
	__atomic_store_n(&uart.busy, 0, __ATOMIC_RELEASE);
	intr_pop();
}

static void
enable_interrupts(uint8_t ier)
{
	if (ier != uart.ier)
		reg_write(REG_IER, ier);
	uart.ier = ier;
}

// ---- Kernel messages ---------------------------------------------------------

static void
put_polled(char c)
{
	for (unsigned i = 0; (reg_read(REG_LSR) & LSR_EMPTY) == 0; i++)
		if (i == POLLS_MAX)
			return;
	reg_write(REG_DATA, (uint8_t)c);
}

static void
uart_sink(const char *bytes, size_t n)
{
	bool alone = panicking();

	if (!alone)
		uart_lock();
	while (uart.tail != uart.head)
		put_polled(uart.ring[uart.tail++ % RING_SIZE]);
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			put_polled('\r');
		put_polled(bytes[i]);
	}
	if (!alone)
		uart_unlock();
}

// ---- The terminal's bytes ----------------------------------------------------

static size_t
ring_put(const char *bytes, size_t n)
{
	size_t done = 0;

	while (done < n && uart.head - uart.tail < RING_SIZE)
		uart.ring[uart.head++ % RING_SIZE] = bytes[done++];
	return done;
}

// Give the device what it takes; it interrupts when it takes more.
static void
transmit(void)
{
	while (uart.tail != uart.head && (reg_read(REG_LSR) & LSR_EMPTY) != 0)
		for (unsigned i = 0; i < FIFO_DEPTH && uart.tail != uart.head; i++)
			reg_write(REG_DATA, (uint8_t)uart.ring[uart.tail++ % RING_SIZE]);
	if (uart.tail != uart.head)
		enable_interrupts(uart.ier | IER_TRANSMIT);
	else
		enable_interrupts(uart.ier & (uint8_t)~IER_TRANSMIT);
}

static size_t
uart_write(struct serial_port *p, const char *bytes, size_t n)
{
	size_t done = 0;
	size_t taken;

	uart_lock();
	do {
		taken = ring_put(bytes + done, n - done);
		done += taken;
		transmit();
	} while (taken > 0 && done < n);
	uart.starved = done < n;
	if (p->receive != NULL)
		enable_interrupts(uart.ier | IER_RECEIVE);
	uart_unlock();
	return done;
}

// Take up to BATCH bytes that have come in.  What stands for a break is dropped.
static size_t
receive(char *to)
{
	size_t n = 0;
	uint8_t status;

	while (n < BATCH && ((status = reg_read(REG_LSR)) & LSR_READY) != 0) {
		char c = (char)reg_read(REG_DATA);
		if ((status & LSR_BREAK) == 0)
			to[n++] = c;
	}
	return n;
}

static void
uart_interrupt(void *arg)
{
	struct serial_port *p = arg;
	char bytes[BATCH];
	size_t n;

	do {
		n = 0;
		uart_lock();
		// Nobody listens yet: the bytes wait in the device until
		// somebody writes, who then listens too.
		if (p->receive == NULL)
			enable_interrupts(uart.ier & (uint8_t)~IER_RECEIVE);
		else
			n = receive(bytes);
		transmit();
		bool space = uart.starved && uart.head - uart.tail <= RING_SIZE / 2;
		if (space)
			uart.starved = false;
		uart_unlock();
		if (n > 0)
			p->receive(p->arg, bytes, n);
		if (space && p->space != NULL)
			p->space(p->arg);
	} while (n == BATCH);
}

// ---- Start -------------------------------------------------------------------

// The node that /chosen names if it is one of ours, else the first of ours.
static fdt_node_t
find_node(void)
{
	fdt_node_t chosen = fdt_find("/chosen");
	const char *path = chosen == FDT_NONE ? NULL : fdt_string(chosen, "stdout-path");
	fdt_node_t wanted = path == NULL ? FDT_NONE : fdt_find(path);
	fdt_node_t first = fdt_next_compatible(FDT_NONE, "ns16550a");

	for (fdt_node_t n = first; n != FDT_NONE; n = fdt_next_compatible(n, "ns16550a"))
		if (n == wanted)
			return n;
	return first;
}

void
uart_init_early(void)
{
	paddr_t base;
	uint64_t size;

	fdt_node_t node = find_node();
	if (node == FDT_NONE || !fdt_reg(node, 0, &base, &size))
		return;
	uart.shift = (unsigned)fdt_number(node, "reg-shift", 0);
	uart.wide = fdt_number(node, "reg-io-width", 1) == 4;
	uart.line = fdt_interrupt(node, 0);
	uart.regs = mmio_map(base);

	uint64_t divisor = fdt_number(node, "clock-frequency", 0) / (16 * BAUD);
	reg_write(REG_IER, 0);
	if (divisor != 0 && divisor <= UINT16_MAX) { // else the firmware's speed stays
		reg_write(REG_LCR, LCR_DLAB);
		reg_write(REG_DATA, (uint8_t)divisor);
		reg_write(REG_IER, (uint8_t)(divisor >> 8));
	}
	reg_write(REG_LCR, LCR_8N1);
	reg_write(REG_FCR, FCR_ENABLE);
	reg_write(REG_MCR, MCR_DTR_RTS | MCR_OUT2);
	print_set_sink(uart_sink);
}

void
uart_init(void)
{
	if (uart.regs == NULL)
		return;
	uart.port.name = "uart0";
	uart.port.write = uart_write;
	int error = irq_register(uart.line, "uart", uart_interrupt, &uart.port);
	if (error != 0) {
		print_error("uart: no interrupt line %u (error %d): no console", uart.line, -error);
		return;
	}
	uart_lock();
	enable_interrupts(IER_RECEIVE);
	uart_unlock();
	serial_register_console(&uart.port);
}
