"""Speech to text and text to speech: voice notes heard and spoken by programs and servers, and a twin of those.

Sound from outside is opened by nothing but ffmpeg, in a child process with limits that may open nothing else."""
