mod attribution;
mod marking;
mod nobodys;
