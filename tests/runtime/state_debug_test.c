// With RF_DEBUG every use before RF_ENTER or without a thread state is named on standard error, and none else.
#define RF_DEBUG
#include <ringfence.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

RF_STATE(counter, int, NULL, NULL)

static void *use(void *result) {
  *(int *)result = RF_GET(counter) != NULL; // line 13
  return NULL;
}

// With a thread state that the main thread made, in a thread that has one of its own.
static PyThreadState *made_elsewhere;
static void *use_made_elsewhere(void *result) {
  PyThreadState *own = PyThreadState_New(PyInterpreterState_Main());
  PyEval_RestoreThread(own);
  PyThreadState_Swap(made_elsewhere);
  *(int *)result = RF_GET(counter) != NULL;
  PyThreadState_Swap(own);
  PyThreadState_Clear(own);
  PyThreadState_DeleteCurrent();
  return NULL;
}

static int in_other_thread(void *(*run)(void *)) {
  pthread_t thread;
  int result = -1;
  PyThreadState *saved = PyEval_SaveThread();
  pthread_create(&thread, NULL, run, &result);
  pthread_join(thread, NULL);
  PyEval_RestoreThread(saved);
  return result;
}

int main(void) {
  char seen[1024] = "";
  FILE *report = tmpfile();
  int kept = dup(2);
  Py_InitializeEx(0);
  dup2(fileno(report), 2);
  *RF_GET(counter) = 1; // line 46
  int failed = RF_ENTER(counter) < 0 || *RF_GET(counter) != 1;
  PyThreadState *home = PyThreadState_Get(), *sub = Py_NewInterpreter();
  failed |= RF_GET(counter) == NULL; // line 49
  failed |= RF_ENTER(counter) < 0 || *RF_GET(counter) != 0;
  Py_EndInterpreter(sub);
  PyThreadState_Swap(home);
  failed |= in_other_thread(use) != 0;
  made_elsewhere = PyThreadState_New(PyInterpreterState_Get());
  failed |= in_other_thread(use_made_elsewhere) != 1;
  PyThreadState_Clear(made_elsewhere);
  PyThreadState_Delete(made_elsewhere);
  fflush(stderr);
  dup2(kept, 2);
  Py_FinalizeEx();
  rewind(report);
  size_t length = fread(seen, 1, sizeof seen - 1, report);
  const char *lines[] = {":46: ringfence: the state counter is used in interpreter 0 before RF_ENTER\n",
                         ":49: ringfence: the state counter is used in interpreter 1 before RF_ENTER\n",
                         ":13: ringfence: the state counter is used without a thread state\n"};
  int wanted = 3, newlines = 0;
  for (size_t i = 0; i < length; i++)
    newlines += seen[i] == '\n';
  for (int i = 0; i < wanted; i++)
    failed |= strstr(seen, lines[i]) == NULL;
  failed |= newlines != wanted;
  fputs(failed ? seen : "ok\n", stdout);
  return failed;
}
