mod attribution;
mod marking;
