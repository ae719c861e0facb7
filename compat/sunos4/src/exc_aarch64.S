/* SPDX-License-Identifier: MIT */
/*
 * exc_handle, and the way back to where it returned: see exception.h, whose
 * SavedRegisters has this layout:
 *   0 x19 to x28, 80 x29, 88 x30 (where to), 96 sp, 104 fpcr, 112 d8 to d15.
 */
#ifdef __aarch64__
	.text

/* int exc_handle(int pattern, caddr_t (*function)(), caddr_t argument) */
	.globl	exc_handle
	.type	exc_handle, %function
	.p2align 4
exc_handle:
	.cfi_startproc
	hint	#34			/* bti c */
	mov	x9, sp
	sub	sp, sp, #192
	.cfi_def_cfa_offset 192
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_offset x29, -112
	.cfi_offset x30, -104
	mrs	x10, fpcr
	stp	x9, x10, [sp, #96]
	stp	d8, d9, [sp, #112]
	stp	d10, d11, [sp, #128]
	stp	d12, d13, [sp, #144]
	stp	d14, d15, [sp, #160]
	mov	x3, sp
	bl	lwp4_exc_handle
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #192
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	exc_handle, .-exc_handle

/* [[noreturn]] void lwp4_exc_jump(const SavedRegisters*, int pattern) */
	.globl	lwp4_exc_jump
	.hidden	lwp4_exc_jump
	.hidden	lwp4_exc_handle
	.type	lwp4_exc_jump, %function
	.p2align 4
lwp4_exc_jump:
	.cfi_startproc
	hint	#34
	mov	x9, x0
	mov	w0, w1
	ldp	x19, x20, [x9]
	ldp	x21, x22, [x9, #16]
	ldp	x23, x24, [x9, #32]
	ldp	x25, x26, [x9, #48]
	ldp	x27, x28, [x9, #64]
	ldp	x29, x30, [x9, #80]
	ldp	x10, x11, [x9, #96]
	msr	fpcr, x11
	ldp	d8, d9, [x9, #112]
	ldp	d10, d11, [x9, #128]
	ldp	d12, d13, [x9, #144]
	ldp	d14, d15, [x9, #160]
	mov	sp, x10
	br	x30			/* bti j: a compiler puts it there */
	.cfi_endproc
	.size	lwp4_exc_jump, .-lwp4_exc_jump
#endif
	.section .note.GNU-stack,"",%progbits
