// The composition root: builds the real file system, clock, transports and hands them down.
int main() {
  return 0;
}
