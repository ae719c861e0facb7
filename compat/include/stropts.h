/* SPDX-License-Identifier: MIT */
/*
 * <stropts.h> of Solaris and XPG4: STREAMS, which Linux has not got.  glibc had
 * the header up to 2.29.
 *
 * Types and constants are all there, so that sources compile.  isastream()
 * tells that there are no streams, the functions for messages fail with ENOSTR,
 * and so do the requests of ioctl(), with ENOTTY or EINVAL.  ioctl() itself,
 * for which many programs include this header, is Linux'.
 */
#ifndef LIBTHREAD_STROPTS_H_
#define LIBTHREAD_STROPTS_H_
#pragma GCC system_header

#include <sys/ioctl.h>
#include <sys/types.h>

/* ---- Requests of ioctl() ---- */

#define I_NREAD 0x5301 /* bytes and messages to be read */
#define I_PUSH 0x5302  /* a module onto the stream */
#define I_POP 0x5303
#define I_LOOK 0x5304   /* name of the topmost module */
#define I_FLUSH 0x5305  /* FLUSHR, FLUSHW, FLUSHRW */
#define I_SRDOPT 0x5306 /* mode of reading */
#define I_GRDOPT 0x5307
#define I_STR 0x5308    /* struct strioctl */
#define I_SETSIG 0x5309 /* when to send SIGPOLL */
#define I_GETSIG 0x530a
#define I_FIND 0x530b
#define I_LINK 0x530c
#define I_UNLINK 0x530d
#define I_RECVFD 0x530e   /* struct strrecvfd */
#define I_PEEK 0x530f     /* struct strpeek */
#define I_FDINSERT 0x5310 /* struct strfdinsert */
#define I_SENDFD 0x5311
#define I_SWROPT 0x5313 /* mode of writing */
#define I_GWROPT 0x5314
#define I_LIST 0x5315 /* struct str_list */
#define I_PLINK 0x5316
#define I_PUNLINK 0x5317
#define I_FLUSHBAND 0x531c /* struct bandinfo */
#define I_CKBAND 0x531d
#define I_GETBAND 0x531e
#define I_ATMARK 0x531f
#define I_SETCLTIME 0x5320
#define I_GETCLTIME 0x5321
#define I_CANPUT 0x5322

/* ---- Their arguments ---- */

#define FMNAMESZ 8 /* bytes of a module's name */

#define FLUSHR 0x01
#define FLUSHW 0x02
#define FLUSHRW 0x03
#define FLUSHBAND 0x04

#define S_INPUT 0x0001
#define S_HIPRI 0x0002
#define S_OUTPUT 0x0004
#define S_MSG 0x0008
#define S_ERROR 0x0010
#define S_HANGUP 0x0020
#define S_RDNORM 0x0040
#define S_WRNORM S_OUTPUT
#define S_RDBAND 0x0080
#define S_WRBAND 0x0100
#define S_BANDURG 0x0200

#define RNORM 0x0000
#define RMSGD 0x0001
#define RMSGN 0x0002
#define RPROTDAT 0x0004
#define RPROTDIS 0x0008
#define RPROTNORM 0x0010

#define SNDZERO 0x001
#define SNDPIPE 0x002

#define ANYMARK 0x01
#define LASTMARK 0x02

#define MUXID_ALL (-1)

/* ---- Messages ---- */

#define RS_HIPRI 0x01  /* of getmsg and putmsg */
#define MSG_HIPRI 0x01 /* of getpmsg and putpmsg */
#define MSG_ANY 0x02
#define MSG_BAND 0x04
#define MORECTL 1 /* results */
#define MOREDATA 2

typedef int t_scalar_t;
typedef unsigned int t_uscalar_t;

struct strbuf {
  int maxlen; /* bytes that buf can take */
  int len;    /* bytes that it has; -1: none, not even of length 0 */
  char* buf;
};

struct strioctl {
  int ic_cmd;
  int ic_timout; /* seconds; -1: for ever, 0: as the system likes */
  int ic_len;    /* bytes */
  char* ic_dp;
};

struct strpeek {
  struct strbuf ctlbuf;
  struct strbuf databuf;
  t_uscalar_t flags;
};

struct strfdinsert {
  struct strbuf ctlbuf;
  struct strbuf databuf;
  t_uscalar_t flags;
  int fildes;
  int offset;
};

struct strrecvfd {
  int fd;
  uid_t uid;
  gid_t gid;
  char fill[8];
};

struct bandinfo {
  unsigned char bi_pri;
  int bi_flag;
};

struct str_mlist {
  char l_name[FMNAMESZ + 1];
};

struct str_list {
  int sl_nmods;
  struct str_mlist* sl_modlist;
};

#ifdef __cplusplus
extern "C" {
#endif

extern int isastream(int); /* 0: it is none; -1 and EBADF */

/* -1 and errno: EBADF, ENOSTR. */
extern int getmsg(int, struct strbuf* /* control */, struct strbuf* /* data */,
                  int* /* flags */);
extern int getpmsg(int, struct strbuf*, struct strbuf*, int* /* band */,
                   int* /* flags */);
extern int putmsg(int, const struct strbuf*, const struct strbuf*, int);
extern int putpmsg(int, const struct strbuf*, const struct strbuf*, int, int);

#ifdef __cplusplus
}
#endif

#endif /* LIBTHREAD_STROPTS_H_ */
