/* SPDX-License-Identifier: MIT */
/*
 * See registers.h: x0 to x30, 248 pc, 256 sp, 264 flags.  A jump needs a
 * register: x16 is lost, which any call between functions may change.
 */
#ifdef __aarch64__
	.text

/* What a function that is called by lwp4_call returns to. */
	.type	returned, %function
	.p2align 4
returned:
	.cfi_startproc
	.cfi_undefined x30
	nop				/* a backtrace looks one before */
1:	hint	#36			/* bti j */
	ldp	x1, x0, [sp]		/* in_library, saved */
	mov	w2, #1
	str	w2, [x1]
	b	lwp4_leave
	.cfi_endproc
	.size	returned, .-returned

/* x0: registers, x1: in_library, x2: saved. */
	.globl	lwp4_call
	.hidden	lwp4_call
	.hidden	lwp4_leave
	.type	lwp4_call, %function
	.p2align 4
lwp4_call:
	.cfi_startproc
	.cfi_undefined x30
	ldr	x17, [x0, #256]
	and	x17, x17, #-16
	stp	x1, x2, [x17, #-16]!
	adr	x30, 1b
	b	go
	.cfi_endproc
	.size	lwp4_call, .-lwp4_call

	.globl	lwp4_go
	.hidden	lwp4_go
	.type	lwp4_go, %function
	.p2align 4
lwp4_go:
	.cfi_startproc
	.cfi_undefined x30
	ldr	x17, [x0, #256]
	ldr	x30, [x0, #240]
go:	mov	sp, x17
	ldr	x16, [x0, #264]
	msr	nzcv, x16
	ldr	x16, [x0, #248]
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x17, x18, [x0, #136]
	ldp	x19, x20, [x0, #152]
	ldp	x21, x22, [x0, #168]
	ldp	x23, x24, [x0, #184]
	ldp	x25, x26, [x0, #200]
	ldp	x27, x28, [x0, #216]
	ldr	x29, [x0, #232]
	ldp	x0, x1, [x0]
	br	x16
	.cfi_endproc
	.size	lwp4_go, .-lwp4_go
#endif
	.section .note.GNU-stack,"",%progbits
